import { beforeEach, expect, test } from "@odoo/hoot";
import {
    animationFrame,
    click,
    keyDown,
    keyUp,
    press,
    queryAll,
    queryAllTexts,
} from "@odoo/hoot-dom";
import { Deferred } from "@odoo/hoot-mock";
import { contains, mountView, onRpc } from "@web/../tests/web_test_helpers";
import {
    defineLabelGridModels,
    LabelPrintRetryWizard,
    makeAccount,
    mockIntersection,
} from "./label_grid_test_helpers";
import { defineLabelPrintModels } from "./label_print_test_helpers";

defineLabelPrintModels();
defineLabelGridModels();

const CHOOSER = `
    <form>
        <field name="job_id" invisible="1"/>
        <field name="chosen" widget="label_print_label_chooser" options="{'grid_field': 'grid'}"/>
    </form>`;
const VERDICTS = `
    <form>
        <field name="job_id" invisible="1"/>
        <field name="on_paper" widget="label_print_label_verdicts" options="{'grid_field': 'grid', 'other_field': 'not_on_paper'}"/>
    </form>`;
const INPUT = ".o_label_print_chooser_input";
const square = (index) => `.o_label_print_square[data-index="${index}"]`;
const verdict = (index, which) => `button[data-index="${index}"][data-verdict=${which}]`;
const chosenSquares = () =>
    queryAll("[aria-selected=true]").map((element) => Number(element.dataset.index));
const clickWithShift = async (selector) => {
    await keyDown("Shift");
    await click(selector);
    await keyUp("Shift");
};
const mountWizard = (arch) =>
    mountView({ type: "form", resModel: "label.print.retry.wizard", resId: 1, arch });
const stepSaves = () =>
    onRpc("label.print.retry.wizard", "web_save", ({ args }) =>
        expect.step(JSON.stringify(args[1]))
    );

beforeEach(() => {
    mockIntersection();
    LabelPrintRetryWizard._records = [
        {
            id: 1,
            job_id: 1,
            grid: makeAccount({
                runs: [
                    [8, "confirmed"],
                    [4, "uncertain"],
                    [8, "failed", "paper_out"],
                ],
                selectable: [9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
                missing: [13, 14, 15, 16, 17, 18, 19, 20],
                asked: [9, 10, 11, 12],
            }),
            chosen: "13–20",
        },
    ];
});

test("grid, text and count say the same", async () => {
    stepSaves();
    await mountWizard(CHOOSER);
    expect(INPUT).toHaveValue("13–20");
    expect(chosenSquares()).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
    expect(".o_label_print_chosen_count").toHaveText("8 labels chosen");
    await contains(square(14)).click();
    expect(INPUT).toHaveValue("13, 15–20");
    await contains(square(9)).click();
    expect(INPUT).toHaveValue("9, 13, 15–20");
    await contains(INPUT).edit("13; 15 - 16", { confirm: "tab" });
    expect(chosenSquares()).toEqual([13, 15, 16]);
    expect(INPUT).toHaveValue("13, 15–16");
    expect(".o_label_print_chosen_count").toHaveText("3 labels chosen");
    await contains(".o_form_button_save").click();
    expect.verifySteps([JSON.stringify({ chosen: "13, 15–16" })]);
});

test("all, none, only missing", async () => {
    await mountWizard(CHOOSER);
    await contains(".o_label_print_choose_all").click();
    expect(INPUT).toHaveValue("9–20");
    await contains(".o_label_print_choose_none").click();
    expect(INPUT).toHaveValue("");
    expect(".o_label_print_chosen_count").toHaveText("No label chosen");
    await contains(".o_label_print_choose_missing").click();
    expect(INPUT).toHaveValue("13–20");
});

test("a range: with the shift key, or by a second tap", async () => {
    await mountWizard(CHOOSER);
    await contains(".o_label_print_choose_none").click();
    expect(".o_label_print_choose_range").not.toBeEnabled();
    await contains(square(10)).click();
    await clickWithShift(square(13));
    await animationFrame();
    expect(INPUT).toHaveValue("10–13");
    await contains(".o_label_print_choose_none").click();
    await contains(square(15)).click();
    expect(".o_label_print_choose_range").toHaveText("From 15 to …");
    await contains(".o_label_print_choose_range").click();
    expect(".o_label_print_choose_range").toHaveAttribute("aria-pressed", "true");
    await contains(square(12)).click();
    expect(INPUT).toHaveValue("12–15");
    expect(".o_label_print_choose_range").toHaveAttribute("aria-pressed", "false");
    await contains(square(20)).click();
    expect(INPUT).toHaveValue("12–15, 20");
});

test("what cannot be chosen is not chosen, neither pressed nor in a range", async () => {
    await mountWizard(CHOOSER);
    await contains(".o_label_print_choose_none").click();
    expect(square(3)).toHaveAttribute("aria-disabled", "true");
    await click(square(3));
    await animationFrame();
    expect(INPUT).toHaveValue("");
    await contains(square(9)).focus();
    await press("Space");
    await press("ArrowLeft");
    await press("shift+Space");
    await animationFrame();
    expect(INPUT).toHaveValue("9");
});

test("a number that cannot be chosen makes the field invalid until it is corrected", async () => {
    stepSaves();
    await mountWizard(CHOOSER);
    await contains(INPUT).edit("3, 13", { confirm: "tab" });
    expect(".o_label_print_chooser_problem").toHaveText("Label 3 cannot be chosen.");
    expect(INPUT).toHaveAttribute("aria-invalid", "true");
    expect("[name=chosen]").toHaveClass("o_field_invalid");
    await contains(".o_form_button_save").click();
    expect.verifySteps([]);
    await contains(INPUT).edit("13", { confirm: "tab" });
    expect(".o_label_print_chooser_problem").toHaveCount(0);
    expect("[name=chosen]").not.toHaveClass("o_field_invalid");
    await contains(INPUT).edit("99", { confirm: "tab" });
    expect(".o_label_print_chooser_problem").toHaveText(
        "There is no label 99: the labels are 1 to 20."
    );
    await contains(square(14)).click();
    expect(".o_label_print_chooser_problem").toHaveCount(0);
    expect("[name=chosen]").not.toHaveClass("o_field_invalid");
    expect(INPUT).toHaveValue("14");
    await contains(".o_form_button_save").click();
    expect.verifySteps([JSON.stringify({ chosen: "14" })]);
});

test("quick presses are all kept while the server still answers the first", async () => {
    LabelPrintRetryWizard._onChanges = { chosen: () => {} };
    const answer = new Deferred();
    onRpc("label.print.retry.wizard", "onchange", () => answer);
    await mountWizard(CHOOSER);
    await contains(square(9)).click();
    await contains(square(10)).click();
    expect(INPUT).toHaveValue("9–10, 13–20");
    expect(chosenSquares().slice(0, 3)).toEqual([9, 10, 13]);
    answer.resolve({ value: {} });
    await animationFrame();
    await animationFrame();
    expect(INPUT).toHaveValue("9–10, 13–20");
    expect(".o_label_print_chosen_count").toHaveText("10 labels chosen");
});

test("500 labels are chosen from", async () => {
    LabelPrintRetryWizard._records[0].grid = makeAccount({
        runs: [[500, "failed"]],
        selectable: "all",
    });
    LabelPrintRetryWizard._records[0].chosen = false;
    await mountWizard(CHOOSER);
    expect(".o_label_print_choose_missing").toHaveCount(0);
    await contains(".o_label_print_choose_all").click();
    expect(INPUT).toHaveValue("1–500");
    await contains(square(250)).click();
    expect(INPUT).toHaveValue("1–249, 251–500");
});

test("verdicts: one by one, pressed again it is taken back", async () => {
    stepSaves();
    await mountWizard(VERDICTS);
    await animationFrame();
    expect(queryAllTexts(".o_label_print_verdicts tbody tr:eq(0) > *")).toEqual([
        "9",
        "9",
        "LOT-2",
        "On paper",
        "Not on paper",
    ]);
    expect(".o_label_print_verdicts_count").toHaveText("0 of 4 answered");
    await contains(verdict(9, "on")).click();
    await contains(verdict(10, "off")).click();
    await contains(verdict(11, "off")).click();
    await contains(verdict(11, "off")).click();
    expect(verdict(9, "on")).toHaveAttribute("aria-pressed", "true");
    expect(verdict(9, "off")).toHaveAttribute("aria-pressed", "false");
    expect(verdict(11, "off")).toHaveAttribute("aria-pressed", "false");
    await contains(verdict(9, "off")).click();
    expect(verdict(9, "on")).toHaveAttribute("aria-pressed", "false");
    await contains(verdict(9, "on")).click();
    expect(".o_label_print_verdicts_count").toHaveText("2 of 4 answered");
    await contains(".o_form_button_save").click();
    expect.verifySteps([JSON.stringify({ on_paper: "9", not_on_paper: "10" })]);
});

test("verdicts: all at once, a range, and a range with the shift key", async () => {
    stepSaves();
    await mountWizard(VERDICTS);
    await contains(".o_label_print_all_on").click();
    expect(".o_label_print_verdicts_count").toHaveText("4 of 4 answered");
    await contains(".o_label_print_verdicts_range").edit("10-11", { confirm: false });
    await contains(".o_label_print_range_off").click();
    expect(
        queryAll("[data-verdict=off][aria-pressed=true]").map(({ dataset }) => dataset.index)
    ).toEqual(["10", "11"]);
    await contains(".o_label_print_verdicts_range").edit("3", { confirm: false });
    await contains(".o_label_print_range_off").click();
    expect(".o_label_print_verdicts [role=alert]").toHaveText("Label 3 cannot be chosen.");
    await contains(verdict(9, "off")).click();
    await clickWithShift(verdict(12, "off"));
    await animationFrame();
    await contains(".o_form_button_save").click();
    expect.verifySteps([JSON.stringify({ on_paper: false, not_on_paper: "9–12" })]);
});

test("verdicts: one tab stop, arrows move between answers and labels", async () => {
    await mountWizard(VERDICTS);
    expect(queryAll(".o_label_print_verdict[tabindex='0']")).toHaveLength(1);
    await contains(verdict(9, "on")).focus();
    await press("ArrowDown");
    expect(verdict(10, "on")).toBeFocused();
    await press("ArrowRight");
    expect(verdict(10, "off")).toBeFocused();
    await press("Space");
    await animationFrame();
    expect(verdict(10, "off")).toBeFocused();
    expect(queryAll(".o_label_print_verdict[tabindex='0']")).toHaveLength(1);
});

test("verdicts: 500 labels", async () => {
    LabelPrintRetryWizard._records[0].grid = makeAccount({ runs: [[500, "uncertain"]] });
    await mountWizard(VERDICTS);
    expect(".o_label_print_verdicts tbody tr").toHaveCount(500);
    await contains(".o_label_print_all_on").click();
    expect(".o_label_print_verdicts_count").toHaveText("500 of 500 answered");
});

test("verdicts: nothing to ask", async () => {
    LabelPrintRetryWizard._records[0].grid = makeAccount({ runs: [[5, "confirmed"]] });
    await mountWizard(VERDICTS);
    expect("[name=on_paper]").toHaveText("No label is uncertain.");
});
