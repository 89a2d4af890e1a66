import { expect, test } from "@odoo/hoot";
import { makeMockEnv, serverState } from "@web/../tests/web_test_helpers";
import {
    formatRate,
    isEmptyDay,
    makeLabelsFigure,
    makeRateFigure,
    pickHours,
} from "@label_print_monitor/overview/day_figures";

/** @param {Record<number, Object>} busy what happened, by hour */
function makeDay(busy) {
    return Array.from({ length: 24 }, (_, hour) => ({
        hour: `${String(hour).padStart(2, "0")}:00`,
        labels: 0,
        failed: 0,
        jobs: 0,
        succeeded: 0,
        ...busy[hour],
    }));
}

const hoursOf = (hours) => hours.map(({ hour }) => Number.parseInt(hour, 10));

test("the hours from the first busy one to the last, at least eight", () => {
    expect(hoursOf(pickHours(makeDay({ 9: { jobs: 1 } })))).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(hoursOf(pickHours(makeDay({ 0: { labels: 1 }, 2: { failed: 1 } })))).toEqual([0, 1, 2]);
    expect(hoursOf(pickHours(makeDay({ 5: { jobs: 1 }, 20: { jobs: 1 } })))).toHaveLength(16);
    expect(isEmptyDay(makeDay({}))).toBe(true);
    expect(isEmptyDay(makeDay({ 3: { jobs: 1 } }))).toBe(false);
});

test("hours, numbers and words are the reader's", async () => {
    await makeMockEnv();
    const day = makeDay({ 13: { labels: 12_345, failed: 7, jobs: 4, succeeded: 3 } });
    const { labels, summary, datasets } = makeLabelsFigure(day, "light");
    expect(labels.at(-1)).toMatch(/1:00.PM/);
    expect(String(summary)).toBe("Bar chart: labels printed today: 12,345, failed or uncertain: 7");
    expect(datasets.map(({ label }) => label)).toEqual(["Printed", "Failed or uncertain"]);
    expect(datasets.map(({ data }) => data.at(-1))).toEqual([12_345, 7]);
});

test("an hour without jobs has no rate", async () => {
    await makeMockEnv();
    const day = makeDay({ 8: { jobs: 4, succeeded: 4 }, 10: { jobs: 2, succeeded: 1 } });
    const { datasets, summary } = makeRateFigure(day, "dark");
    expect(datasets[0].data.slice(-3)).toEqual([1, null, 0.5]);
    expect(String(summary)).toBe("Line chart: 5 of 6 jobs that ended today printed every label");
});

test("a rate is never rounded up to a hundred", async () => {
    await makeMockEnv();
    expect(formatRate(1)).toBe("100%");
    expect(formatRate(0.9999)).toBe("99.9%");
    expect(formatRate(0.975)).toBe("97.5%");
    expect(formatRate(0)).toBe("0%");
});

for (const lang of ["de_DE", "fr_FR"]) {
    test(`a percent sign stands where the reader's language has it: ${lang}`, async () => {
        serverState.lang = lang;
        await makeMockEnv();
        // A space that does not break; how wide it is, is the browser's matter.
        expect(formatRate(1)).toMatch(/^100[\u00a0\u202f]%$/);
        expect(formatRate(0.975)).toMatch(/^97,5[\u00a0\u202f]%$/);
    });
}
