import { beforeEach, expect, test } from "@odoo/hoot";
import { advanceTime, edit, press, queryAllTexts } from "@odoo/hoot-dom";
import { contains, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { Deferred } from "@web/core/utils/concurrency";
import { LONGEST_READ } from "@label_print_monitor/live_views/use_live";
import { defineLabelPrintModels } from "./label_print_test_helpers";
import { Server, mountPage, scan, settle } from "./scan_test_helpers";

defineLabelPrintModels();

const VERDICT = ".o_label_print_scan_verdict";
const PROGRESS = ".o_label_print_operator_progress";
const KEPT = ".o_label_print_scan_kept";
const ORDER = { order_id: 7, job_id: false, order: "WH/MO/00007", product: "Soup", lot: "" };

beforeEach(() => {
    patchWithCleanup(window, { AudioContext: undefined });
    patchWithCleanup(browser.navigator, { vibrate: () => true });
});

test("boxes that are scanned while the list loads are counted", async () => {
    const server = new Server();
    const loaded = new Deferred();
    server.whileRead = () => loaded;
    await mountPage({});
    await scan("WH/MO/00007");
    expect(".o_label_print_operator_working").toHaveText("Working…");
    await scan("SN-1", "SN-2", "OTHER");
    expect(PROGRESS).toHaveCount(0);
    loaded.resolve();
    await settle();
    expect(PROGRESS).toHaveText("2 of 4 checked");
    expect(server.calls).toBe(2);
    expect(queryAllTexts(".o_label_print_scan_problems li")).toEqual([
        "Wrong order: this is WH/MO/00008",
    ]);
});

test("of several orders one is chosen first, then the boxes are counted", async () => {
    new Server();
    const found = new Deferred();
    onRpc("label.print.scan", "find_orders", () => found);
    await mountPage({});
    await scan("SOUP");
    await scan("SN-1");
    found.resolve([ORDER, { ...ORDER, order_id: 8, order: "WH/MO/00008" }]);
    await settle();
    await contains(".o_label_print_operator_choice:contains(WH/MO/00007)").click();
    await settle();
    expect(PROGRESS).toHaveText("1 of 4 checked");
});

test("where no order was found, what was scanned next is looked for", async () => {
    new Server();
    const answer = new Deferred();
    onRpc("label.print.scan", "find_orders", ({ args: [text] }) => {
        expect.step(text);
        return text === "DIRT" ? answer : [ORDER];
    });
    await mountPage({});
    await scan("DIRT");
    await scan("WH/MO/00007");
    answer.resolve(new Response("", { status: 502 }));
    await advanceTime(LONGEST_READ + 1_000);
    await settle();
    expect.verifySteps(["DIRT", "WH/MO/00007"]);
    expect(PROGRESS).toHaveText("0 of 4 checked");
});

test("boxes that are scanned while an order takes too long to open are kept, and said", async () => {
    const server = new Server();
    const loaded = new Deferred();
    server.whileRead = () => loaded;
    await mountPage({});
    await scan("WH/MO/00007");
    await scan("SN-1", "SN-2");
    await advanceTime(LONGEST_READ + 1_000);
    await settle();
    expect(".alert-danger").toHaveText(/Odoo does not answer/);
    expect(KEPT).toHaveText(/^2 scans are kept, and checked when the order is open/);
    await scan("SN-3");
    expect(KEPT).toHaveText(/^3 scans are kept/);
    loaded.resolve();
    await settle();
    expect(PROGRESS).toHaveText("3 of 4 checked");
    expect(KEPT).toHaveCount(0);
    expect(".alert-danger").toHaveCount(0);
    expect(server.calls).toBe(3);
});

test("an order that cannot be reached opens when Odoo is there again, with what was scanned", async () => {
    const server = new Server();
    const loaded = new Deferred();
    server.whileRead = () => loaded;
    await mountPage({});
    server.isAway = true;
    await scan("WH/MO/00007");
    await scan("SN-1");
    loaded.resolve();
    await settle();
    expect(KEPT).toHaveText(/^1 scan is kept/);
    server.isAway = false;
    await advanceTime(LONGEST_READ);
    await settle();
    expect(PROGRESS).toHaveText("1 of 4 checked");
});

test("whoever does not wait for an order that takes too long chooses another one", async () => {
    const server = new Server();
    server.whileRead = () => new Deferred();
    await mountPage({});
    await scan("WH/MO/00007");
    await scan("SN-1");
    await advanceTime(LONGEST_READ + 1_000);
    await settle();
    await contains("button[name=another]").click();
    expect(KEPT).toHaveCount(0);
    server.whileRead = null;
    await scan("WH/MO/00008");
    expect(PROGRESS).toHaveText("0 of 4 checked");
});

test("boxes that are scanned while Odoo goes away are named, whatever becomes of the last one", async () => {
    new Server();
    const answer = new Deferred();
    onRpc("label.print.scan", "find_orders", () => answer);
    await mountPage({});
    await scan("WH/MO/00007");
    await scan("SN-1", "SN-2", "SN-3");
    answer.resolve(new Response("", { status: 502 }));
    await advanceTime(LONGEST_READ + 1_000);
    await settle();
    expect(".alert-danger").toHaveText(/Odoo does not answer.*SN-1, SN-2/s);
});

test("a page that is opened with its order keeps what is scanned until Odoo answers", async () => {
    const server = new Server();
    server.isAway = true;
    await mountPage({ order_id: 7 });
    await scan("SN-1", "SN-2");
    expect(KEPT).toHaveText(/^2 scans are kept/);
    server.isAway = false;
    await advanceTime(LONGEST_READ);
    await settle();
    expect(PROGRESS).toHaveText("2 of 4 checked");
});

test("what was scanned before an order was found is named", async () => {
    new Server();
    const answer = new Deferred();
    onRpc("label.print.scan", "find_orders", ({ args: [text] }) =>
        text === "DIRT" ? answer : [ORDER]
    );
    await mountPage({});
    await scan("DIRT");
    await scan("SN-1", "SN-2", "WH/MO/00007");
    await advanceTime(LONGEST_READ + 1_000);
    await settle();
    expect(PROGRESS).toHaveText("0 of 4 checked");
    expect(".alert-danger").toHaveText(/not checked: SN-1, SN-2. Scan them again/);
});

test("a scanner that presses Enter twice scans once", async () => {
    const server = new Server();
    await mountPage();
    await contains("#label_print_code").click();
    await edit("SN-1");
    await press("Enter");
    await press("Enter");
    await settle();
    expect(VERDICT).toHaveClass("o_label_print_scan_right");
    expect(".o_label_print_scan_problems").toHaveCount(0);
    expect(Object.keys(server.answers)).toHaveLength(1);
});
