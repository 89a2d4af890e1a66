import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { contains, onRpc } from "@web/../tests/web_test_helpers";
import { defineLabelPrintModels } from "./label_print_test_helpers";
import { mountOperatorPage, QUIET_PAGE } from "./operator_test_helpers";

defineLabelPrintModels();

const WORDS = "Maintenance until 16:00 (Olga)";

/** @param {Object} page that changes with what the server is told */
const mountPage = (page) => mountOperatorPage(() => structuredClone(page));

test("a maintenance is begun by two touches, its end is changed, and it ends by one", async () => {
    const page = structuredClone(QUIET_PAGE);
    onRpc("printer.configuration", "begin_maintenance", ({ args }) => {
        expect.step(`begin ${args}`);
        return (page.printer.maintenance = WORDS);
    });
    onRpc("printer.configuration", "action_end_maintenance", ({ args }) => {
        expect.step(`end ${args}`);
        delete page.printer.maintenance;
        return false; // what the mock server takes for an answer
    });
    await mountPage(page);
    expect("button[name=end_maintenance]").toHaveCount(0);
    expect("button[name=begin_maintenance]").toHaveText("Begin Maintenance");
    await contains("button[name=begin_maintenance]").click();
    expect(".o_label_print_operator_panel").toHaveText(/Until then nobody is told/);
    expect(queryAllTexts("[data-minutes]")).toEqual([
        "30 minutes",
        "1 hour",
        "2 hours",
        "4 hours",
        "8 hours",
    ]);
    await contains("[data-minutes='120']").click();
    await contains(".alert-success:contains(Maintenance until 16:00)").hover();
    await contains("p[name=maintenance]").hover();
    expect("p[name=maintenance]").toHaveText(WORDS);
    await contains("button[name=begin_maintenance]:contains(Change the End)").click();
    await contains("[data-minutes='480']").click();
    await contains("button[name=end_maintenance]").click();
    await contains(".alert-success:contains(Maintenance ended.)").hover();
    expect.verifySteps(["begin 4,120", "begin 4,480", "end 4"]);
});

test("whoever only looks begins none", async () => {
    const rights = { act: false, print: false, print_again: false };
    await mountPage({
        ...QUIET_PAGE,
        rights,
        printer: { ...QUIET_PAGE.printer, maintenance: WORDS },
    });
    expect("p[name=maintenance]").toHaveText(WORDS);
    expect("button[name$=_maintenance]").toHaveCount(0);
});
