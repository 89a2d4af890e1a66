import { describe, expect, test } from "@odoo/hoot";
import { makeMockEnv } from "@web/../tests/web_test_helpers";
import {
    countByState,
    expandAccount,
    groupLabels,
    indexSet,
    toRows,
} from "@label_print_monitor/label_grid/label_account";
import { findNeighbour } from "@label_print_monitor/label_grid/grid_keys";
import { describeLabel, getLabelLook } from "@label_print_monitor/label_grid/label_looks";
import { expandRange, formatRuns, parseRuns } from "@label_print_monitor/label_grid/label_runs";
import {
    giveVerdict,
    listVerdict,
    readVerdicts,
} from "@label_print_monitor/label_grid/label_verdicts";
import { makeAccount } from "./label_grid_test_helpers";

describe("label numbers as text", () => {
    test("are written as runs, in order and each once", () => {
        expect(formatRuns([11, 3, 9, 10, 3])).toBe("3, 9–11");
        expect(formatRuns([1, 2])).toBe("1–2");
        expect(formatRuns([])).toBe("");
        expect(expandRange(4, 2)).toEqual([2, 3, 4]);
    });

    test("are read as people write them", async () => {
        await makeMockEnv();
        for (const text of ["3, 9–11", "3;9-11", "3 9 - 11", "11–9, 3, 3", " 3,\n9 — 11; "]) {
            expect(parseRuns(text, 20)).toEqual({ indexes: [3, 9, 10, 11], problem: "" });
        }
        for (const text of ["", false, null, undefined, " , "]) {
            expect(parseRuns(text, 20)).toEqual({ indexes: [], problem: "" });
        }
    });

    test("what is wrong is said, what is right is kept", async () => {
        await makeMockEnv();
        expect(parseRuns("3, nine", 20)).toEqual({
            indexes: [3],
            problem: "“nine” is not a label number.",
        });
        expect(parseRuns("3-", 20).problem).toBe("“3-” is not a label number.");
        expect(parseRuns("-3", 20).problem).toBe("“-3” is not a label number.");
        expect(parseRuns("0", 20).problem).toBe("There is no label 0: the labels are 1 to 20.");
        expect(parseRuns("1–999999999999", 20).problem).toBe(
            "There is no label 999999999999: the labels are 1 to 20."
        );
        const allowed = new Set([1, 2, 5]);
        expect(parseRuns("1–3", 5, allowed)).toEqual({
            indexes: [1, 2],
            problem: "Label 3 cannot be chosen.",
        });
        expect(parseRuns("1–5", 5, allowed).problem).toBe("Labels 3–4 cannot be chosen.");
    });

    test("text and numbers go there and back", async () => {
        await makeMockEnv();
        for (let seed = 1; seed < 50; seed++) {
            const indexes = expandRange(1, 60).filter((index) => (index * seed * 7919) % 11 < 5);
            expect(parseRuns(formatRuns(indexes), 60)).toEqual({ indexes, problem: "" });
        }
    });
});

describe("an account", () => {
    test("becomes one label after the other", () => {
        const labels = expandAccount(
            makeAccount({
                quantity: 5,
                runs: [
                    [2, "confirmed"],
                    [1, "failed", "paper_out"],
                ],
                copies: { 2: 3 },
            })
        );
        expect(labels.map(({ state }) => state)).toEqual([
            "confirmed",
            "confirmed",
            "failed",
            "waiting",
            "waiting",
        ]);
        expect(labels[2]).toEqual({
            index: 3,
            state: "failed",
            code: "paper_out",
            problem: "Out of labels",
            copies: 0,
        });
        expect(labels[1].copies).toBe(3);
        expect(countByState(labels)).toEqual([
            { state: "waiting", count: 2 },
            { state: "failed", count: 1 },
            { state: "confirmed", count: 2 },
        ]);
    });

    test("that cannot be read does no harm", () => {
        expect(expandAccount(false)).toEqual([]);
        expect(expandAccount({ quantity: -3, runs: "none" })).toEqual([]);
        expect(expandAccount({ quantity: 2, runs: [[5, "levitating", "odd"]] })).toEqual([
            { index: 1, state: "levitating", code: "odd", problem: "odd", copies: 0 },
            { index: 2, state: "levitating", code: "odd", problem: "odd", copies: 0 },
        ]);
        expect(expandAccount({ quantity: 1e12, runs: [] })).toHaveLength(10_000);
        expect(getLabelLook("levitating").name).toBe("unknown");
        expect(getLabelLook("toString").name).toBe("unknown");
    });

    test("is grouped by box and lot, also where a lot comes again", () => {
        const labels = expandAccount(makeAccount({ runs: [[4, "waiting"]] }));
        const names = { boxes: ["1", "2", "3", ""], lots: ["A", "B", "A", "B"] };
        const brief = (by) =>
            groupLabels(labels, by, names).map(({ name, labels }) => [
                name,
                labels.map(({ index }) => index),
            ]);
        expect(brief("plain")).toEqual([["", [1, 2, 3, 4]]]);
        expect(brief("lot")).toEqual([
            ["A", [1, 3]],
            ["B", [2, 4]],
        ]);
        expect(brief("box").at(-1)).toEqual(["", [4]]);
        expect(groupLabels(labels, "lot", null)).toHaveLength(1);
        expect(toRows([1, 2, 3], 2)).toEqual([[1, 2], [3]]);
        expect(indexSet({ selectable: "all" }, "selectable")).toBe(null);
        expect(indexSet({ selectable: [2] }, "selectable")).toEqual(new Set([2]));
    });

    test("a label is described in words", async () => {
        await makeMockEnv();
        const label = { index: 2, problem: "", copies: 0 };
        const names = { boxes: ["1", "2"], lots: ["", "LOT-1"] };
        expect(describeLabel(label, { stateLabel: "Confirmed", names })).toBe(
            "Label 2, box 2, lot LOT-1: Confirmed"
        );
        expect(describeLabel(label, { stateLabel: "Confirmed", names: null })).toBe(
            "Label 2: Confirmed"
        );
        const failed = { index: 1, problem: "Out of labels", copies: 2 };
        expect(describeLabel(failed, { stateLabel: "Failed", names })).toBe(
            "Label 1, box 1: Failed, Out of labels, printed 2 times"
        );
    });
});

test("keys move through elements that flow over rows", () => {
    const place = (left, top) => ({ getBoundingClientRect: () => ({ left, top }), left, top });
    const elements = [place(0, 0), place(20, 0), place(40, 0), place(0, 20), place(20, 20)];
    const go = (from, key, { ctrlKey = false, isRightToLeft = false } = {}) =>
        elements.indexOf(findNeighbour(elements, elements[from], { key, ctrlKey }, isRightToLeft));
    expect(go(0, "ArrowRight")).toBe(1);
    expect(go(1, "ArrowRight", { isRightToLeft: true })).toBe(0);
    expect(go(0, "ArrowLeft")).toBe(-1);
    expect(go(1, "ArrowDown")).toBe(4);
    expect(go(2, "ArrowDown")).toBe(4);
    expect(go(3, "ArrowUp")).toBe(0);
    expect(go(3, "ArrowDown")).toBe(-1);
    expect(go(4, "Home")).toBe(3);
    expect(go(0, "End")).toBe(2);
    expect(go(4, "Home", { ctrlKey: true })).toBe(0);
    expect(go(0, "End", { ctrlKey: true })).toBe(4);
    expect(go(0, "x")).toBe(-1);
});

test("verdicts: in both fields is in none", () => {
    const verdicts = readVerdicts([1, 2, 9], [2, 3], new Set([1, 2, 3]));
    expect([...verdicts]).toEqual([
        [1, "on"],
        [3, "off"],
    ]);
    const given = giveVerdict(giveVerdict(verdicts, [2, 3], "on"), [1], null);
    expect(listVerdict(given, "on").sort()).toEqual([2, 3]);
    expect(listVerdict(given, "off")).toEqual([]);
});
