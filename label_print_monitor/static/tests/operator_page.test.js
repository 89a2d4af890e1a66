import { expect, test } from "@odoo/hoot";
import { animationFrame, click, edit, press, queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    getService,
    makeServerError,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { session } from "@web/session";
import { WebClient } from "@web/webclient/webclient";
import {
    callWithExpiredSession,
    defineLabelPrintModels,
    sendChanged,
} from "./label_print_test_helpers";
import { openPage } from "./operator_test_helpers";

defineLabelPrintModels();

const CHOICE = { name: "Zebra 4", location: "Hall 1", status: "online", status_label: "Online" };
const PRINTERS = [
    { ...CHOICE, id: 4, reason: "", is_mine: false },
    { ...CHOICE, id: 5, name: "Zebra 5", reason: "", is_mine: true },
];
const JOB = {
    id: 9,
    order: "WH/MO/00009",
    product: "Soup",
    done: "12 of 20",
    percent: 60,
    quantity: 20,
    can_cancel: true,
    is_cancelling: false,
};

function makePage(values = {}) {
    return {
        rights: { act: true, print: true, print_again: true },
        printer: PRINTERS[0],
        printing: { ...JOB, eta: "about 2 min" },
        waiting: [{ ...JOB, id: 10, order: "WH/MO/00010", done: "0 of 4" }],
        waiting_count: 8,
        problems: [],
        more_failures: false,
        last: JOB,
        cancel_reasons: [["wrong_label", "Wrong label or template"]],
        copy_reasons: [
            ["lost", "Label lost"],
            ["damaged", "Label damaged"],
        ],
        ...values,
    };
}

const PROBLEM = {
    title: "Waiting for labels, since 9:12",
    action: "Load labels into the printer",
    steps: ["Open the printer and load a new roll of labels."],
    severity: "warning",
    job_id: 9,
    order: "WH/MO/00009",
    done: "8 of 20",
    can_retry: false,
};
const KEY = () => `label_print_monitor.operator_printer.${session.db}`;

async function mountPage(getPage = () => makePage()) {
    onRpc("printer.configuration", "get_operator_page", ({ args: [printerId] }) =>
        printerId
            ? getPage(printerId)
            : { printer: false, printers: PRINTERS, rights: { act: true, print: true } }
    );
    await mountWithCleanup(WebClient);
    await openPage();
}

const scan = async (barcode) => {
    getService("barcode").bus.trigger("barcode_scanned", { barcode, target: document.body });
    await animationFrame();
    await animationFrame();
    await animationFrame();
};

test("a device asks once at which printer it stands", async () => {
    const asked = [];
    await mountPage((id) => {
        asked.push(id);
        return makePage({ printer: PRINTERS.find((printer) => printer.id === id) });
    });
    expect(".o_main_navbar").toHaveCount(0);
    expect(".o_label_print_operator_choice").toHaveCount(2);
    await contains("[data-printer='5']").click();
    expect([...new Set(asked)]).toEqual([5]);
    expect(browser.localStorage.getItem(KEY())).toBe("5");
    expect(".o_label_print_operator_name").toHaveText(/Zebra 5/);
    await openPage();
    expect(".o_label_print_operator_name").toHaveText(/Zebra 5/);
});

test("what prints, what waits, and what is wrong with its remedy", async () => {
    browser.localStorage.setItem(KEY(), "4");
    await mountPage(() => makePage({ problems: [PROBLEM] }));
    expect(".o_label_print_operator_order").toHaveText("WH/MO/00009");
    expect(".o_label_print_operator_progress").toHaveText("12 of 20");
    expect(queryAllTexts(".o_label_print_operator_waiting li")).toEqual([
        "WH/MO/00010 · Soup\n0 of 4",
        "and 7 more",
    ]);
    expect(".o_label_print_operator_problem").toHaveText(/Waiting for labels, since 9:12/);
    expect(".o_label_print_operator_remedy").toHaveText("Load labels into the printer");
    expect("button[name=retry]").toHaveCount(0);
});

test("it follows the bus, and a change of another printer reads nothing", async () => {
    browser.localStorage.setItem(KEY(), "4");
    let done = "12 of 20";
    await mountPage(() => {
        expect.step("read");
        return makePage({ printing: { ...JOB, done, eta: "" } });
    });
    expect.verifySteps(["read"]);
    await sendChanged({ printers: [77] });
    expect.verifySteps([]);
    done = "13 of 20";
    await sendChanged({ jobs: [9] });
    expect.verifySteps(["read"]);
    expect(".o_label_print_operator_progress").toHaveText("13 of 20");
});

const ORDER = { order_id: 3, lot_id: 7, order: "WH/MO/00003", product: "Soup", lot: "LOT-7" };
const LABELS = { ...ORDER, wizard_id: 31, quantity: 20, earlier: "", left_out: "", warning: "" };

test("a scanned lot opens its order, and one touch prints it once", async () => {
    browser.localStorage.setItem(KEY(), "4");
    onRpc("printer.configuration", "find_orders", ({ args }) => {
        expect.step(`find ${args[1]}`);
        return [{ ...ORDER, state: "In Progress" }];
    });
    onRpc("printer.configuration", "get_order_labels", ({ args }) => {
        expect.step(`order ${args}`);
        return { ...LABELS, has_missing: false };
    });
    onRpc("label.print.wizard", "write", ({ args }) => {
        expect.step(`write ${args[1].quantity}`);
        return true;
    });
    onRpc("label.print.wizard", "action_print", () => {
        expect.step("print");
        return { type: "ir.actions.act_window", res_model: "label.print.job", res_id: 1 };
    });
    await mountPage();
    await scan("LOT-7");
    expect.verifySteps(["find LOT-7", "order 4,3,7"]);
    expect("section.o_label_print_operator_panel").toBeFocused();
    expect(".o_label_print_operator_panel h2").toHaveText("WH/MO/00003");
    await contains("button[aria-label='One label fewer']").click();
    expect("button[name=print]").toHaveText("Print 19 labels");
    click("button[name=print]");
    await click("button[name=print]");
    await animationFrame();
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["write 19", "print"]);
    expect(".alert-success").toHaveText(/19 labels of WH\/MO\/00003 are printed next/);
    expect(".o_label_print_operator_panel").toHaveCount(0);
});

test("what is typed is found, too; of several orders one is chosen", async () => {
    browser.localStorage.setItem(KEY(), "4");
    onRpc("printer.configuration", "find_orders", () => [
        { ...ORDER, state: "Draft" },
        { ...ORDER, order_id: 8, order: "WH/MO/00008", state: "Draft" },
    ]);
    onRpc("printer.configuration", "get_order_labels", ({ args }) => {
        expect.step(`order ${args[1]}`);
        return { ...LABELS, has_missing: true };
    });
    await mountPage();
    await contains("#label_print_text").click();
    await edit("soup");
    await press("Enter");
    await animationFrame();
    await animationFrame();
    expect(".o_label_print_operator_choice").toHaveCount(2);
    await contains(".o_label_print_operator_choice:contains(WH/MO/00008)").click();
    await animationFrame();
    expect.verifySteps(["order 8"]);
    expect("button[name=missing]").toHaveCount(1);
    await press("Escape");
    await animationFrame();
    expect(".o_label_print_operator_panel").toHaveCount(0);
});

test("an error is said on the page and never opens a dialog", async () => {
    browser.localStorage.setItem(KEY(), "4");
    onRpc("printer.configuration", "find_orders", ({ args }) => {
        if (args[1] === "BUG") {
            throw makeServerError({
                errorName: "builtins.ValueError",
                message: "internal matters",
            });
        }
        throw makeServerError({
            errorName: "odoo.exceptions.UserError",
            message: "No order is called “X”.",
        });
    });
    await mountPage();
    await scan("X");
    expect("[role=alert] .alert-danger").toHaveText(/No order is called “X”/);
    await contains("[role=alert] button").click();
    expect(".alert-danger").toHaveCount(0);
    await scan("BUG");
    expect("[role=alert] .alert-danger").toHaveText(/tell your administrator/);
    expect("[role=alert]").not.toHaveText(/internal matters/);
    expect(".modal").toHaveCount(0);
});

test("cancel asks one question", async () => {
    browser.localStorage.setItem(KEY(), "4");
    onRpc("label.print.cancel.wizard", "create", ({ args: [[values]] }) => {
        expect.step([values.job_ids, values.reason]);
        return [51];
    });
    onRpc("label.print.cancel.wizard", "action_confirm", () => ({
        type: "ir.actions.client",
        tag: "display_notification",
        params: { type: "success", title: "Cancelled", message: "Print Job 9 is cancelled." },
    }));
    await mountPage();
    await contains("button[name=cancel]").click();
    expect(".o_label_print_operator_panel").toHaveText(/12 of 20/);
    await contains("[data-reason=wrong_label]").click();
    await animationFrame();
    expect.verifySteps([[[[6, 0, [9]]], "wrong_label"]]);
    expect(".alert-success").toHaveText(/Print Job 9 is cancelled/);
});

test("retry says on the page what came of it, or opens the dialog that asks", async () => {
    browser.localStorage.setItem(KEY(), "4");
    const dialog = { type: "ir.actions.act_window", res_model: "label.print.retry.wizard" };
    let next = {
        tag: "display_notification",
        params: { type: "success", title: "Printing again", message: "label 9" },
    };
    onRpc("label.print.job", "action_retry", () => next);
    const real = [];
    await mountPage(() => makePage({ problems: [{ ...PROBLEM, can_retry: true }] }));
    await contains("button[name=retry]").click();
    await animationFrame();
    expect(".alert-success").toHaveText(/label 9/);
    next = { ...dialog, target: "new" };
    getService("action").doAction = (action) => real.push(action.res_model);
    await contains("button[name=retry]").click();
    await animationFrame();
    expect(real).toEqual(["label.print.retry.wizard"]);
});

test("the last label once more, for a reason in one touch", async () => {
    browser.localStorage.setItem(KEY(), "4");
    onRpc("printer.configuration", "get_last_label", () => ({
        job_id: 8,
        index: 20,
        label: "Label 20 of 20",
        order: "WH/MO/00009",
        product: "Soup",
    }));
    onRpc("label.print.again.wizard", "create", ({ args: [[values]] }) => {
        expect.step(values);
        return [61];
    });
    onRpc("label.print.again.wizard", "action_confirm", () => ({
        type: "ir.actions.act_window",
        res_model: "label.print.job",
        res_id: 1,
    }));
    await mountPage();
    await contains("button[name=again]").click();
    await animationFrame();
    expect(".o_label_print_operator_panel").toHaveText(/Label 20 of 20 · WH\/MO\/00009/);
    await contains("[data-reason=damaged]").click();
    await animationFrame();
    expect.verifySteps([{ job_id: 8, labels_text: "20", reason: "damaged", printer_id: 4 }]);
    expect(".alert-success").toHaveText(/printed once more/);
});

test("who may not print or print again is not offered it", async () => {
    browser.localStorage.setItem(KEY(), "4");
    const rights = { act: false, print: false, print_again: false };
    await mountPage(() => makePage({ rights, problems: [{ ...PROBLEM, can_retry: true }] }));
    expect("#label_print_text, [name=again], [name=cancel], [name=retry]").toHaveCount(0);
    expect("[name=check]").toHaveCount(0);
    expect(".o_label_print_operator").toHaveText(/needs the rights of a manufacturing user/);
});

test("a printer that is gone is chosen anew", async () => {
    browser.localStorage.setItem(KEY(), "99");
    await mountPage(() => ({ printer: false, printers: PRINTERS, rights: {} }));
    expect(".o_label_print_operator").toHaveText(/not there for you any more/);
    expect(".o_label_print_operator_choice").toHaveCount(2);
});

test("an expired session is said in words, with a way to log in", async () => {
    browser.localStorage.setItem(KEY(), "4");
    mockService("dialog", { add: () => expect.step("dialog") });
    let isExpired = false;
    await mountPage(() => {
        if (isExpired) {
            throw makeServerError({ errorName: "odoo.http.SessionExpiredException" });
        }
        return makePage();
    });
    isExpired = true;
    await sendChanged({ jobs: [9] });
    expect(".o_label_print_freshness .alert").toHaveText(/session has expired/);
    expect("a[href^='/web/login']").toHaveCount(1);
    expect(".o_label_print_operator_order").toHaveText("WH/MO/00009");
    expect.verifySteps([]);
});

test("another module's call with an expired session opens no dialog over the page", async () => {
    browser.localStorage.setItem(KEY(), "4");
    mockService("dialog", { add: () => expect.step("dialog") });
    await mountPage();
    await callWithExpiredSession();
    expect(".o_label_print_freshness .alert").toHaveText(/session has expired/);
    expect.verifySteps([]);
});
