import { expect, test } from "@odoo/hoot";
import { animationFrame, edit, press } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import { contains, getService, makeServerError, onRpc } from "@web/../tests/web_test_helpers";
import { Deferred } from "@web/core/utils/concurrency";
import { LONGEST_READ } from "@label_print_monitor/live_views/use_live";
import { LONGEST_ACT } from "@label_print_monitor/operator_page/use_acts";
import { defineLabelPrintModels, sendChanged } from "./label_print_test_helpers";
import { mountOperatorPage, QUIET_PAGE } from "./operator_test_helpers";

defineLabelPrintModels();

const PRINTERS = [4, 5].map((id) => ({
    id,
    name: `Zebra ${id}`,
    location: "",
    status: "online",
    status_label: "Online",
}));
const JOB = {
    id: 9,
    order: "WH/MO/00009",
    product: "Soup",
    done: "3 of 40",
    percent: 8,
    quantity: 40,
    can_cancel: true,
    is_cancelling: false,
    eta: "",
};
const CHOICE = { printer: false, printers: PRINTERS, rights: { act: true, print: true } };
const NAME = ".o_label_print_operator_name";
const PANEL = ".o_label_print_operator_panel";

function makePage(id = 4, values = {}) {
    const printer = PRINTERS.find((each) => each.id === id);
    return { ...QUIET_PAGE, printer, printing: JOB, ...values };
}

const settle = async () => {
    for (let frame = 0; frame < 5; frame++) {
        await animationFrame();
    }
};

async function mountPage(getPage = (id) => makePage(id)) {
    onRpc("printer.configuration", "find_orders", ({ args: [[id], text] }) => {
        expect.step(`find ${text} at ${id}`);
        if (text === "WRONG") {
            throw makeServerError({
                errorName: "odoo.exceptions.UserError",
                message: "No order is called “WRONG”.",
            });
        }
        return [{ order_id: 3, lot_id: false, order: text, product: "Soup", lot: "" }];
    });
    onRpc("printer.configuration", "get_order_labels", () => ({
        wizard_id: 31,
        order: "WH/MO/00003",
        product: "Soup",
        quantity: 20,
    }));
    await mountOperatorPage(getPage);
    await settle();
}

const scan = async (barcode) => {
    getService("barcode").bus.trigger("barcode_scanned", { barcode, target: document.body });
    await settle();
};

async function cancelSlowly() {
    const answer = new Deferred();
    onRpc("label.print.job", "action_cancel", () => answer);
    await mountPage();
    await contains("button[name=cancel]").click();
    await contains(".btn-danger").click();
    return { answer };
}

const CANCELLED = {
    type: "ir.actions.client",
    tag: "display_notification",
    params: { type: "success", title: "Cancelled", message: "Print Job 9 is cancelled." },
};

test("what is scanned while the page works is looked for next, and what was said stays", async () => {
    const { answer } = await cancelSlowly();
    expect(".o_label_print_operator_working").toHaveText("Working…");
    await scan("WH/MO/00001");
    await scan("WH/MO/00003");
    expect.verifySteps([]);
    answer.resolve(CANCELLED);
    await settle();
    expect.verifySteps(["find WH/MO/00003 at 4"]);
    expect(PANEL).toHaveText(/WH\/MO\/00003/);
    expect(".alert-success").toHaveText(/Print Job 9 is cancelled/);
    expect(".o_label_print_operator_working").toHaveCount(0);
});

test("a code that is not found is not put before the next one in the field", async () => {
    await mountPage();
    await contains("#label_print_text").click();
    await edit("WRONG");
    await press("Enter");
    await settle();
    expect(".alert-danger").toHaveText(/No order is called “WRONG”/);
    expect("#label_print_text").toHaveValue("");
    await press("Enter");
    await settle();
    expect.verifySteps(["find WRONG at 4"]);
});

test("a late answer about the printer before does not come back", async () => {
    const late = new Deferred();
    let isLate = false;
    await mountPage((id) => {
        if (isLate && id === 4) {
            return late;
        }
        return id ? makePage(id) : CHOICE;
    });
    isLate = true;
    await sendChanged({ jobs: [9] });
    await contains("button:contains(Other Printer)").click();
    await settle();
    await contains("[data-printer='5']").click();
    await settle();
    expect(NAME).toHaveText("Zebra 5");
    late.resolve(makePage(4));
    await settle();
    expect(NAME).toHaveText("Zebra 5");
    await scan("WH/MO/00003");
    expect.verifySteps(["find WH/MO/00003 at 5"]);
});

test("a printer whose page does not come is not chosen", async () => {
    await mountPage((id) => {
        if (id === 5) {
            throw makeServerError({ errorName: "odoo.exceptions.UserError", message: "Not now." });
        }
        return id ? makePage(id) : CHOICE;
    });
    await contains("button:contains(Other Printer)").click();
    await settle();
    await contains("[data-printer='5']").click();
    await settle();
    expect(".alert-danger").toHaveText(/Not now/);
    await contains("button:contains(Back)").click();
    expect(NAME).toHaveText("Zebra 4");
    await scan("WH/MO/00003");
    expect.verifySteps(["find WH/MO/00003 at 4"]);
});

test("an answer that comes late does not replace a newer one", async () => {
    const late = new Deferred();
    let page = makePage();
    await mountPage(() => page);
    page = late;
    await sendChanged({ jobs: [9] });
    page = makePage(4, { printing: { ...JOB, done: "30 of 40" } });
    await advanceTime(LONGEST_READ + 100);
    await settle();
    await advanceTime(3_000);
    await settle();
    expect(".o_label_print_operator_progress").toHaveText("30 of 40");
    late.resolve(makePage(4, { printing: { ...JOB, done: "4 of 40" } }));
    await settle();
    expect(".o_label_print_operator_progress").toHaveText("30 of 40");
});

test("the question before a cancel says how much is printed by now, and that nothing prints any more", async () => {
    let page = makePage();
    await mountPage(() => page);
    await contains("button[name=cancel]").click();
    expect(PANEL).toHaveText(/3 of 40/);
    page = makePage(4, { printing: { ...JOB, done: "30 of 40" } });
    await sendChanged({ jobs: [9] });
    await settle();
    expect(PANEL).toHaveText(/30 of 40/);
    page = makePage(4, { printing: { ...JOB, id: 10, order: "WH/MO/00010" } });
    await advanceTime(1_000);
    await sendChanged({ jobs: [9] });
    await settle();
    expect(PANEL).toHaveText(/It has ended/);
    expect(`${PANEL} .btn-danger`).toHaveCount(0);
    await contains(`${PANEL} button`).click();
    expect(PANEL).toHaveCount(0);
});

test("an answer that was given up closes no question that is asked since, and is told", async () => {
    const { answer } = await cancelSlowly();
    await advanceTime(LONGEST_ACT + 1_000);
    await settle();
    expect(".alert-danger").toHaveText(/Odoo does not answer/);
    answer.resolve(CANCELLED);
    await settle();
    expect(".alert-success").toHaveText(/Print Job 9 is cancelled/);
    expect(PANEL).toHaveCount(0);
});

test("nor does it take the place of what is said since", async () => {
    const { answer } = await cancelSlowly();
    await advanceTime(LONGEST_ACT + 1_000);
    await settle();
    await scan("WH/MO/00003");
    expect.verifySteps(["find WH/MO/00003 at 4"]);
    answer.resolve(CANCELLED);
    await settle();
    expect(PANEL).toHaveText(/WH\/MO\/00003/);
    await scan("WRONG");
    expect(".alert-danger").toHaveText(/No order is called/);
    expect.verifySteps(["find WRONG at 4"]);
});
