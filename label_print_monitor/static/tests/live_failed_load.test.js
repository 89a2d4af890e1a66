import { beforeEach, expect, test } from "@odoo/hoot";
import { animationFrame, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import {
    contains,
    mountView,
    onRpc,
    toggleMenuItem,
    toggleSearchBarMenu,
} from "@web/../tests/web_test_helpers";
import { Deferred } from "@web/core/utils/concurrency";
import {
    defineLabelPrintModels,
    LabelPrintJob,
    sendChanged,
    waitForLiveChannel,
} from "./label_print_test_helpers";

defineLabelPrintModels();

const JOBS = {
    type: "list",
    resModel: "label.print.job",
    arch: `
        <list js_class="label_print_live_list">
            <field name="name"/><field name="note" optional="hide"/>
        </list>`,
    searchViewArch: `
        <search>
            <filter name="queued" string="Queued" domain="[('status', '=', 'queued')]"/>
            <separator/>
            <filter name="large" string="Large" domain="[('quantity', '>', 8)]"/>
        </search>`,
};
const ALERT = ".o_label_print_freshness .alert";
const names = () => queryAllTexts(".o_data_row td[name=name]");

let isAway = false;
/** @type {Promise<void> | null} what the next read waits for */
let slow = null;

beforeEach(() => {
    isAway = false;
    slow = null;
    LabelPrintJob._records.forEach((job) => (job.note = `note ${job.id}`));
    onRpc("label.print.job", "web_search_read", async () => {
        if (isAway) {
            return new Response("", { status: 502 });
        }
        const waited = slow;
        slow = null;
        await waited;
    });
});

async function later() {
    for (let turn = 0; turn < 6; turn++) {
        await advanceTime(3_000);
        await animationFrame();
        await animationFrame();
    }
}

async function choose(filter) {
    await toggleSearchBarMenu();
    await toggleMenuItem(filter);
    await animationFrame();
}

async function chooseColumn(label) {
    await contains(".o_optional_columns_dropdown_toggle").click();
    await contains(`.o-dropdown-item:contains(${label})`).click();
    await animationFrame();
}

test("a filter that could not be loaded is loaded as soon as Odoo answers", async () => {
    expect.errors(1);
    await mountView(JOBS);
    await waitForLiveChannel();
    isAway = true;
    await choose("Queued");
    expect.verifyErrors([/couldn't be established/]);
    expect(ALERT).toHaveText(/Odoo does not answer/);
    isAway = false;
    // Odoo sorts the rows that it has, which are those of the filter before.
    await contains("th[data-name=name]").click();
    await animationFrame();
    expect(names()).toEqual(["Job 1", "Job 2", "Job 3"]);
    expect(ALERT).toHaveText(/Odoo does not answer/);
    await later();
    expect(names()).toEqual(["Job 2", "Job 3"]);
    expect(ALERT).toHaveCount(0);
    await sendChanged({ jobs: [2] });
    expect(names()).toEqual(["Job 2", "Job 3"]);
});

test("of two filters the one that failed is not forgotten", async () => {
    expect.errors(1);
    await mountView(JOBS);
    await waitForLiveChannel();
    isAway = true;
    await choose("Queued");
    expect.verifyErrors([/couldn't be established/]);
    isAway = false;
    await toggleMenuItem("Large");
    await animationFrame();
    expect(names()).toEqual(["Job 2"]);
    expect(ALERT).toHaveCount(0);
    await later();
    expect(names()).toEqual(["Job 2"]);
});

test("a page whose first rows could not be loaded shows them as soon as Odoo answers", async () => {
    expect.errors(1);
    isAway = true;
    await mountView(JOBS);
    await animationFrame();
    expect.verifyErrors([/couldn't be established/]);
    expect(ALERT).toHaveText(/Odoo does not answer/);
    isAway = false;
    await later();
    expect(names()).toEqual(["Job 1", "Job 2", "Job 3"]);
    expect(ALERT).toHaveCount(0);
});

test("a column that is chosen after a load has failed is shown", async () => {
    expect.errors(1);
    await mountView(JOBS);
    await waitForLiveChannel();
    isAway = true;
    await choose("Queued");
    expect.verifyErrors([/couldn't be established/]);
    isAway = false;
    await chooseColumn("Note");
    await animationFrame();
    expect(queryAllTexts("td[name=note]")).toEqual(["note 2", "note 3"]);
});

test("a column that could not be read is read as soon as Odoo answers", async () => {
    await mountView(JOBS);
    await waitForLiveChannel();
    isAway = true;
    await chooseColumn("Note");
    expect("td[name=note]").toHaveCount(0);
    expect(ALERT).toHaveText(/Odoo does not answer/);
    isAway = false;
    await later();
    expect(queryAllTexts("td[name=note]")).toEqual(["note 1", "note 2", "note 3"]);
});

test("a column that is chosen while one filter overtakes another is shown", async () => {
    await mountView(JOBS);
    await waitForLiveChannel();
    const [first, second] = [new Deferred(), new Deferred()];
    slow = first;
    await choose("Queued");
    slow = second;
    await toggleMenuItem("Large");
    await chooseColumn("Note");
    second.resolve();
    await animationFrame();
    first.resolve();
    await later();
    expect(names()).toEqual(["Job 2"]);
    expect(queryAllTexts("td[name=note]")).toEqual(["note 2"]);
});
