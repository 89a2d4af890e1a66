import { beforeEach, expect, test } from "@odoo/hoot";
import { advanceTime, edit, press, queryAllTexts } from "@odoo/hoot-dom";
import { contains, makeServerError, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { cleanCode, judge } from "@label_print_monitor/scan_check/scan_judge";
import { SEND_AGAIN_AFTER } from "@label_print_monitor/scan_check/scan_queue";
import { defineLabelPrintModels, sendChanged } from "./label_print_test_helpers";
import { CASES } from "./scan_cases";
import {
    GS1,
    Server,
    keptKeys,
    mountPage,
    openPage,
    scan,
    serials,
    settle,
} from "./scan_test_helpers";

defineLabelPrintModels();

const VERDICT = ".o_label_print_scan_verdict";
const PROGRESS = ".o_label_print_operator_progress";

beforeEach(() => {
    patchWithCleanup(window, { AudioContext: undefined });
    patchWithCleanup(browser.navigator, { vibrate: () => true });
});

test("server and device judge alike", () => {
    for (const { what, labels, code, verdict } of CASES) {
        const known = labels.map(([, barcodes, lots, state]) => ({ barcodes, lots, state }));
        const { kind, place } = judge(known, cleanCode(code), GS1);
        expect([what, kind, place]).toEqual([what, ...verdict]);
    }
});

test("right, twice, foreign, and what is missing", async () => {
    new Server();
    await mountPage();
    expect(PROGRESS).toHaveText("0 of 4 checked");
    expect(queryAllTexts(".o_label_print_scan_missing li")).toEqual([
        "SN-1 · box 1",
        "SN-2 · box 2",
        "SN-3 · box 3",
        "SN-4 · box 4",
    ]);
    await scan("SN-2");
    expect(VERDICT).toHaveClass("o_label_print_scan_right");
    expect(VERDICT).toHaveText(/SN-2 · box 2/);
    expect(PROGRESS).toHaveText("1 of 4 checked");
    expect(".o_label_print_scan_missing").not.toHaveText(/SN-2/);
    await scan("SN-2");
    expect(VERDICT).toHaveClass("o_label_print_scan_wrong");
    expect(VERDICT).toHaveText(/Scanned twice: SN-2/);
    await scan("OTHER");
    expect(VERDICT).toHaveText(/this is WH\/MO\/00008/);
    expect(".o_label_print_scan_problems li").toHaveCount(2);
    await contains("button[name=forget]").click();
    expect(".o_label_print_scan_problems").toHaveCount(0);
    await scan("SN-1", "SN-3", "SN-4");
    expect(PROGRESS).toHaveText("4 of 4 checked");
    expect(".o_label_print_scan").toHaveText(/every label is on its box/);
    expect(keptKeys()).toEqual([]);
});

test("of a box that was checked on another day the date is said", async () => {
    const [first, ...others] = serials(2);
    new Server([[...first.slice(0, 3), "checked", "Anna", "2026-11-12 10:00:00"], ...others]);
    await mountPage();
    await scan("SN-1");
    expect(VERDICT).toHaveText(/Anna has checked it at .*2026/);
});

test("a colleague who is called as the reader is, is another person", async () => {
    const { name } = user;
    new Server([[...serials(1)[0].slice(0, 3), "checked", name, "2026-11-12 10:00:00", false]]);
    await mountPage();
    await scan("SN-1");
    expect(VERDICT).toHaveText(new RegExp(`${name} has checked it at`));
});

test("what is scanned without a connection is kept, also over a reload, and sent once", async () => {
    const server = new Server();
    await mountPage();
    server.isAway = true;
    await scan("SN-1", "SN-2", "SN-2", "XX");
    expect(PROGRESS).toHaveText("2 of 4 checked");
    expect(".o_label_print_scan_unsent").toHaveText(/Not yet sent: 4/);
    expect(keptKeys()).toHaveLength(4);
    // A reload: the page is made anew.
    server.isAway = false;
    server.losesAnswer = true;
    await openPage();
    await settle();
    expect(server.calls).toBe(2);
    expect(keptKeys()).toHaveLength(4);
    server.losesAnswer = false;
    await advanceTime(SEND_AGAIN_AFTER);
    await settle();
    expect(keptKeys()).toEqual([]);
    expect(server.calls).toBe(2);
    await advanceTime(5_000);
    await settle();
    expect(PROGRESS).toHaveText("2 of 4 checked");
    expect(".o_label_print_scan_unsent").toHaveCount(0);
});

test("a scan that was a mistake is taken back, and can be made again", async () => {
    const server = new Server();
    await mountPage();
    await scan("SN-1", "SN-2");
    expect(queryAllTexts(".o_label_print_scan_recent bdi")).toEqual([
        "SN-2 · box 2",
        "SN-1 · box 1",
    ]);
    await contains(".o_label_print_scan_recent button[aria-label='Undo: SN-1 · box 1']").click();
    await settle();
    expect(`${VERDICT} h2`).toHaveText(/Taken back: SN-1 · box 1/);
    expect(PROGRESS).toHaveText("1 of 4 checked");
    expect(queryAllTexts(".o_label_print_scan_recent bdi")).toEqual(["SN-2 · box 2"]);
    expect([server.calls, server.undone]).toEqual([2, 1]);
    expect(server.labels.map((label) => label[3])).toEqual([
        "printed",
        "checked",
        "printed",
        "printed",
    ]);
    await scan("SN-1");
    expect(PROGRESS).toHaveText("2 of 4 checked");
});

test("it is taken back without a connection, too, also over a reload", async () => {
    const server = new Server();
    await mountPage();
    await scan("SN-1");
    server.isAway = true;
    await scan("SN-2");
    for (const name of ["SN-1", "SN-2"]) {
        await contains(`.o_label_print_scan_recent button[aria-label^='Undo: ${name}']`).click();
        await settle();
    }
    expect(PROGRESS).toHaveText("0 of 4 checked");
    expect(keptKeys()).toHaveLength(3);
    server.isAway = false;
    await openPage();
    await settle();
    expect(PROGRESS).toHaveText("0 of 4 checked");
    expect(keptKeys()).toHaveLength(0);
    expect([server.calls, server.undone]).toEqual([2, 2]);
});

test("what cannot be taken back any more is said", async () => {
    const server = new Server();
    await mountPage();
    await scan("SN-1");
    server.labels[0].splice(3, 3, "destroyed", "", false);
    await contains(".o_label_print_scan_recent button").click();
    await settle();
    expect(`${VERDICT} h2`).toHaveText(/Not taken back: SN-1 · box 1/);
    expect(".o_label_print_scan_wrong").toHaveCount(1);
    expect(PROGRESS).toHaveText("0 of 3 checked");
});

test("a code without its separators counts nothing, and the page says what is wrong", async () => {
    const server = new Server();
    await mountPage();
    await scan("010401234512345610SN-121SN7");
    expect(`${VERDICT} h2`).toHaveText(/The scanner left something out/);
    expect(PROGRESS).toHaveText("0 of 4 checked");
    expect(server.calls).toBe(0);
});

test("a lost answer counts no label of a lot twice", async () => {
    const server = new Server([1, 2, 3].map((box) => [0, ["LOT"], box, "printed", "", false]));
    await mountPage();
    server.losesAnswer = true;
    await scan("LOT");
    server.losesAnswer = false;
    await advanceTime(SEND_AGAIN_AFTER);
    await settle();
    await sendChanged({ jobs: [9] });
    await settle();
    expect(PROGRESS).toHaveText("1 of 3 checked");
    expect(queryAllTexts(".o_label_print_scan_missing li")).toEqual(["LOT\n2 of 3"]);
    await scan("LOT", "LOT");
    expect(PROGRESS).toHaveText("3 of 3 checked");
    await scan("LOT");
    expect(VERDICT).toHaveText(/One too many/);
});

test("what the server judges otherwise is said", async () => {
    const server = new Server();
    await mountPage();
    server.isAway = true;
    await scan("SN-1");
    expect(VERDICT).toHaveClass("o_label_print_scan_right");
    // Meanwhile somebody else has it.
    server.labels[0].splice(3, 3, "checked", "Colleague", "2026-11-26 10:00:00");
    server.isAway = false;
    await advanceTime(SEND_AGAIN_AFTER);
    await settle();
    expect(VERDICT).toHaveClass("o_label_print_scan_wrong");
    expect(VERDICT).toHaveText(/Colleague has checked it/);
    expect(".o_label_print_scan_problems li").toHaveCount(1);
    expect(PROGRESS).toHaveText("1 of 4 checked");
});

test("it follows what others scan", async () => {
    const server = new Server();
    await mountPage();
    server.labels[3].splice(3, 3, "checked", "Colleague", "2026-11-26 10:00:00");
    await sendChanged({ jobs: [10] });
    expect(PROGRESS).toHaveText("0 of 4 checked");
    await sendChanged({ jobs: [9] });
    await settle();
    expect(PROGRESS).toHaveText("1 of 4 checked");
    await scan("SN-4");
    expect(VERDICT).toHaveText(/Colleague has checked it/);
});

test("who scans faster than the list is read sees each scan", async () => {
    const server = new Server(serials(8));
    await mountPage();
    let count = 0;
    server.whileRead = async () => {
        count += 1;
        await scan(`SN-${count}`);
        if (count === 3) {
            server.whileRead = null;
        }
    };
    await sendChanged({ jobs: [9] });
    for (let i = 0; i < 4; i++) {
        await settle();
    }
    expect(count).toBe(3);
    expect(PROGRESS).toHaveText("3 of 8 checked");
    // It is read once more, without anybody's scan.
    server.labels[7].splice(3, 3, "checked", "Colleague", "2026-11-26 10:00:00");
    await advanceTime(5000);
    await settle();
    expect(PROGRESS).toHaveText("4 of 8 checked");
});

test("what is no code is refused in words, and nothing is lost", async () => {
    new Server();
    await mountPage();
    await scan("7".repeat(4000));
    expect(VERDICT).toHaveText(/no code of a label/);
    await contains("#label_print_code").click();
    await press("Enter");
    await settle();
    expect(VERDICT).toHaveText(/no code of a label/);
    await contains("#label_print_code").click();
    await edit("SN-3");
    await press("Enter");
    await settle();
    expect(VERDICT).toHaveText(/SN-3/);
    expect("#label_print_code").toHaveValue("");
    await scan("4012345123456");
    expect(VERDICT).toHaveText(/the product's code/);
    expect(PROGRESS).toHaveText("1 of 4 checked");
});

test("the order is found by what is scanned", async () => {
    new Server();
    await mountPage({});
    expect("#label_print_scan_title").toHaveText("Whose boxes do you check?");
    await scan("SN-1");
    expect("h1").toHaveText(/WH\/MO\/00007/);
    expect(PROGRESS).toHaveText("0 of 4 checked");
    await contains("button[name=another]").click();
    expect("#label_print_scan_title").toHaveCount(1);
});

test("an order that is gone is said in words, and another one can be chosen", async () => {
    const server = new Server();
    server.error = makeServerError({
        errorName: "odoo.exceptions.UserError",
        message: "This order has no labels any more that you could check.",
    });
    await mountPage();
    expect("[role=alert] .alert-danger").toHaveText(/no labels any more/);
    expect("#label_print_scan_title").toHaveCount(1);
    expect(".modal").toHaveCount(0);
});

test("an expired session is said, with a way to log in, and scans go on", async () => {
    const server = new Server();
    await mountPage();
    server.error = makeServerError({ errorName: "odoo.http.SessionExpiredException" });
    await scan("SN-1");
    expect("a[href^='/web/login']").toHaveCount(1);
    expect(".o_label_print_scan_unsent").toHaveText(/Not yet sent: 1/);
    expect(PROGRESS).toHaveText("1 of 4 checked");
    expect(keptKeys()).toHaveLength(1);
});

test("a browser that keeps nothing says so", async () => {
    const server = new Server();
    await mountPage();
    server.isAway = true;
    patchWithCleanup(browser.localStorage, {
        setItem() {
            throw new Error("QuotaExceededError");
        },
    });
    await scan("SN-1");
    expect(".o_label_print_scan_unsent").toHaveText(/keeps nothing/);
    server.isAway = false;
    await advanceTime(SEND_AGAIN_AFTER);
    await settle();
    expect(server.calls).toBe(1);
});
