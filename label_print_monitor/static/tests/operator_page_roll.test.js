import { expect, test } from "@odoo/hoot";
import { animationFrame, edit } from "@odoo/hoot-dom";
import {
    allowTranslations,
    contains,
    makeServerError,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { describeShortage } from "@label_print_monitor/operator_page/operator_words";
import { defineLabelPrintModels } from "./label_print_test_helpers";
import { mountOperatorPage, QUIET_PAGE } from "./operator_test_helpers";

defineLabelPrintModels();

const mountPage = (values = {}) =>
    mountOperatorPage(() => ({
        ...QUIET_PAGE,
        roll: { left: "About 40 labels left", size: 500 },
        ...values,
    }));

test("a new roll is counted from one touch, and its number can be another one", async () => {
    onRpc("printer.configuration", "change_roll", ({ args }) => {
        expect.step(`change ${args}`);
        return "Roll changed. Labels on the new one: 300.";
    });
    await mountPage();
    expect(".o_label_print_operator_roll").toHaveText("About 40 labels left");
    await contains("button[name=roll]").click();
    expect("#label_print_roll").toHaveValue(500);
    await contains("#label_print_roll").click();
    await edit("300");
    await contains("button[name=roll_changed]").click();
    await animationFrame();
    expect.verifySteps(["change 4,300"]);
    expect("[role=status] .alert-success").toHaveText(/Labels on the new one: 300/);
    expect("#label_print_roll").toHaveCount(0);
});

test("the count of the same roll is corrected; a number that no roll has is refused in words", async () => {
    onRpc("printer.configuration", "correct_roll", ({ args }) => {
        expect.step(`correct ${args}`);
        if (!args[1]) {
            throw makeServerError({
                errorName: "odoo.exceptions.UserError",
                message: "Enter a number of labels between 0 and 100,000.",
            });
        }
        return "Labels left on the roll, as counted by a person: 55.";
    });
    await mountPage();
    await contains("button[name=roll]").click();
    expect("button[name=roll_same]").not.toBeEnabled(); // a full roll is proposed, which would be a new one
    await contains("#label_print_roll").click();
    await edit("");
    await animationFrame();
    await contains("button[name=roll_same]").click();
    await animationFrame();
    expect("[role=alert] .alert-danger").toHaveText(/between 0 and 100,000/);
    await contains("#label_print_roll").click();
    await edit("55");
    await contains("button[name=roll_same]").click();
    await animationFrame();
    expect.verifySteps(["correct 4,false", "correct 4,55"]);
    expect("[role=status] .alert-success").toHaveText(/as counted by a person: 55/);
});

test("where nobody counts, nothing is said and asked", async () => {
    await mountPage({ roll: false });
    expect("button[name=roll]").toHaveCount(0);
    expect(".o_label_print_operator_roll").toHaveCount(0);
    expect(".o_label_print_operator_warnings").toHaveCount(0);
});

test("whoever only looks presses nothing", async () => {
    await mountPage({ rights: { act: false, print: false, print_again: false } });
    expect(".o_label_print_operator_roll").toHaveCount(1);
    expect("button[name=roll]").toHaveCount(0);
});

test("what will stop the printer is said with its remedy", async () => {
    await mountPage({
        warnings: [{ title: "Ribbon low", action: "Have a new ribbon ready" }],
    });
    expect(".o_label_print_operator_warnings").toHaveText(
        /Ribbon low[\s\S]*Have a new ribbon ready/
    );
    expect(".o_label_print_operator_problem").toHaveCount(0);
});

test("a roll that is too short for an order", () => {
    allowTranslations();
    const roll = { left: "About 40 labels left", room: 10 };
    expect(describeShortage({ quantity: 10, roll })).toBe("");
    expect(String(describeShortage({ quantity: 11, roll }))).toBe(
        "About 40 labels left on the roll. Free for this order: 10. Have a new roll ready."
    );
    expect(describeShortage({ quantity: 99, roll: false })).toBe("");
    expect(describeShortage({ quantity: 99 })).toBe("");
});
