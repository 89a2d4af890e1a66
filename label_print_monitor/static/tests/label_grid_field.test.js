import { beforeEach, expect, test } from "@odoo/hoot";
import { animationFrame, press, queryAll, queryAllTexts, queryOne, resize } from "@odoo/hoot-dom";
import { advanceTime, mockTimeZone } from "@odoo/hoot-mock";
import {
    contains,
    defineParams,
    makeServerError,
    MockServer,
    mockService,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {
    defineLabelGridModels,
    makeAccount,
    makeNames,
    mockIntersection,
} from "./label_grid_test_helpers";
import {
    defineLabelPrintModels,
    LabelPrintJob,
    sendChanged,
    setTabVisible,
} from "./label_print_test_helpers";

const names = makeNames(500);
defineLabelPrintModels();
defineLabelGridModels({ names });

const RUNS = [
    [2, "confirmed"],
    [1, "failed", "paper_out"],
    [1, "uncertain"],
    [2, "waiting"],
];
const arch = `
    <form js_class="label_print_live_form">
        <field name="note"/>
        <field name="labels" widget="label_print_label_grid" readonly="1" nolabel="1"/>
    </form>`;
const square = (index) => `.o_label_print_square[data-index="${index}"]`;
const mountForm = (resId = 1) =>
    mountView({ type: "form", resModel: "label.print.job", resId, arch });
const setRuns = (runs, values) =>
    MockServer.env["label.print.job"].write([1], { labels: makeAccount({ runs, ...values }) });

/** Answers for one label; `stories` may be changed by the test. */
function mockStories({ isStepped = true } = {}) {
    const stories = {
        3: {
            index: 3,
            box: "3",
            lot: "LOT-2",
            state: "failed",
            state_label: "Failed",
            entries: [
                { at: "2026-03-02 08:00:00", text: "Sent to Zebra", detail: "Attempt 1" },
                { at: false, text: "Out of labels", detail: "" },
            ],
            actions: [{ name: "action_mark_label_checked", label: "It is on paper" }],
        },
    };
    onRpc("label.print.job", "get_label_story", ({ args }) => {
        if (isStepped) {
            expect.step(`story ${args[0]} ${args[1]}`);
        }
        return (
            stories[args[1]] || {
                index: args[1],
                state: "waiting",
                state_label: "Waiting",
                entries: [],
                actions: [],
            }
        );
    });
    return stories;
}

beforeEach(() => {
    mockIntersection();
    LabelPrintJob._records[0].labels = makeAccount({ runs: RUNS, copies: { 2: 2 } });
    LabelPrintJob._records[0].status = "completed";
});

test("each label is a square with a sign and a name in words", async () => {
    await mountForm();
    expect(".o_label_print_squares [role=gridcell]").toHaveCount(6);
    expect(square(3)).toHaveAttribute("aria-label", "Label 3: Failed, Out of labels");
    expect(`${square(3)} .fa-times`).toHaveCount(1);
    expect(square(2)).toHaveAttribute(
        "aria-label",
        "Label 2: Confirmed by the printer, printed 2 times"
    );
    expect(queryAllTexts(".o_label_print_legend li")).toEqual([
        "Waiting (2)",
        "Uncertain (1)",
        "Failed (1)",
        "Confirmed by the printer (2)",
        "Printed again (1)",
    ]);
});

test("a state's name does not have to agree with the number of its labels", async () => {
    // As in French, where two of them would be "Incertaines".
    const states = { uncertain: "Incertaine", reported: "Signalée imprimée" };
    const runs = [
        [2, "uncertain"],
        [1, "reported"],
    ];
    LabelPrintJob._records[0].labels = makeAccount({ runs, states });
    await mountForm();
    expect(queryAllTexts(".o_label_print_legend li")).toEqual([
        "Incertaine (2)",
        "Signalée imprimée (1)",
    ]);
});

test("no labels, and values that are no account", async () => {
    LabelPrintJob._records[0].labels = false;
    await mountForm();
    expect(".o_label_print_label_grid").toHaveText("There are no labels.");
});

test("signs stand out from their ground by 4.5 to 1", async () => {
    const states =
        "sent uncertain taken_back failed reported spooled confirmed checked void waiting levitating".split(
            " "
        );
    LabelPrintJob._records[0].labels = makeAccount({ runs: states.map((state) => [1, state]) });
    await mountForm();
    const luminance = (color) => {
        const [red, green, blue] = color.match(/\d+/g).map((part) => {
            const value = Number(part) / 255;
            return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    for (const element of queryAll(".o_label_print_squares .o_label_print_square")) {
        const { color, backgroundColor } = getComputedStyle(element);
        const ground =
            backgroundColor === "rgba(0, 0, 0, 0)" ? "rgb(255, 255, 255)" : backgroundColor;
        const [dark, light] = [luminance(color), luminance(ground)].sort((a, b) => a - b);
        expect((light + 0.05) / (dark + 0.05)).toBeGreaterThan(4.5, { message: element.className });
    }
});

test("a press opens its story, with times in the reader's zone", async () => {
    mockTimeZone(+2);
    mockStories();
    await mountForm();
    await contains(square(3)).click();
    expect(".o_popover .o_label_print_story h3").toHaveText("Label 3");
    expect(".o_label_print_story").toHaveText(/Box 3\s*Lot LOT-2/);
    expect(queryAllTexts(".o_label_print_story_entries li")[0]).toMatch(
        /10:00[\s\S]*Sent to Zebra[\s\S]*Attempt 1/
    );
    expect(queryAllTexts(".o_label_print_story_entries li")[1]).toBe("Out of labels");
    expect(".o_label_print_story_hash").toHaveCount(0);
    expect(square(3)).toHaveAttribute("aria-expanded", "true");
    await contains(square(1)).click();
    expect(".o_label_print_story").toHaveCount(1);
    expect(".o_label_print_story").toHaveText(/Label 1[\s\S]*Nothing has happened/);
    await contains(".o_label_print_story_close").click();
    expect(".o_label_print_story").toHaveCount(0);
    expect(square(1)).toHaveAttribute("aria-expanded", "false");
    expect.verifySteps(["story 1 3", "story 1 1"]);
});

test("keyboard: one tab stop, arrows move, Enter opens, Escape comes back", async () => {
    mockStories();
    await mountForm();
    expect(queryAll(".o_label_print_squares [tabindex='0']")).toHaveLength(1);
    await contains(square(1)).focus();
    await press("ArrowRight");
    await press("ArrowRight");
    expect(square(3)).toBeFocused();
    await press("End");
    expect(square(6)).toBeFocused();
    await press("Home");
    expect(square(1)).toBeFocused();
    await press("ArrowRight");
    await animationFrame();
    expect(queryAll(".o_label_print_squares [tabindex='0']")).toEqual([queryOne(square(2))]);
    await press("ArrowRight");
    await press("Enter");
    await animationFrame();
    await animationFrame();
    expect(".o_label_print_story h3").toHaveText("Label 3");
    await press("Escape");
    await animationFrame();
    await animationFrame();
    expect(".o_label_print_story").toHaveCount(0);
    expect(square(3)).toBeFocused();
    expect.verifySteps(["story 1 3"]);
});

test("keyboard: from right to left the arrows turn around", async () => {
    defineParams({ lang_parameters: { direction: "rtl" } });
    await mountForm();
    await contains(square(1)).focus();
    await press("ArrowLeft");
    expect(square(2)).toBeFocused();
});

test("it moves live: focus, grouping and the open story stay", async () => {
    const stories = mockStories();
    await mountForm();
    await contains("button[data-by=lot]").click();
    await contains(square(3)).focus();
    const element = queryOne(square(3));
    setRuns([[6, "confirmed"]]);
    await sendChanged({ jobs: [1] });
    expect(square(3)).toHaveAttribute(
        "aria-label",
        "Label 3, box 3, lot LOT-2: Confirmed by the printer"
    );
    expect(queryOne(square(3))).toBe(element);
    expect(square(3)).toBeFocused();
    expect("button[data-by=lot]").toHaveAttribute("aria-pressed", "true");
    expect(queryAllTexts(".o_label_print_squares_title")).toEqual(["Lot LOT-1", "Lot LOT-2"]);

    await contains(square(3)).click();
    expect.verifySteps(["story 1 3"]);
    setRuns([
        [1, "checked"],
        [5, "confirmed"],
    ]);
    await advanceTime(10_000);
    await sendChanged({ jobs: [1] });
    await advanceTime(10_000);
    expect(square(1)).toHaveAttribute("aria-label", /Seen on paper/);
    expect(".o_label_print_story h3").toHaveText("Label 3");
    expect.verifySteps([], { message: "another label's change is not worth a read" });

    stories[3] = { ...stories[3], state: "checked", state_label: "Seen on paper" };
    setRuns([
        [3, "checked"],
        [3, "confirmed"],
    ]);
    await sendChanged({ jobs: [1] });
    await advanceTime(10_000);
    expect(".o_label_print_story_state").toHaveText("Seen on paper");
    expect.verifySteps(["story 1 3"]);
});

test("a story shows the label's hash in short, and copies all of it", async () => {
    const hash = "0123456789abcdef".repeat(4);
    mockStories({ isStepped: false })[3].hash = hash;
    patchWithCleanup(navigator.clipboard, {
        writeText: (text) => expect.step(text),
    });
    await mountForm();
    await contains(square(3)).click();
    expect(".o_label_print_story_hash code").toHaveText("0123456789ab…");
    expect(".o_label_print_story_hash code").toHaveAttribute("title", hash);
    await contains(".o_label_print_story_hash button").click();
    expect.verifySteps([hash]);
});

test("a story that cannot be read says so, and can be tried again", async () => {
    let isBroken = true;
    onRpc("label.print.job", "get_label_story", () => {
        if (isBroken) {
            throw makeServerError({
                errorName: "odoo.exceptions.AccessError",
                message: "You may not see this label.",
            });
        }
        return { index: 1, state: "confirmed", state_label: "Confirmed", entries: [], actions: [] };
    });
    await mountForm();
    await contains(square(1)).click();
    expect(".o_label_print_story [role=alert]").toHaveText(
        /could not be read: You may not see this label/
    );
    isBroken = false;
    await contains(".o_label_print_story [role=alert] button").click();
    expect(".o_label_print_story [role=alert]").toHaveCount(0);
    expect(".o_label_print_story_state").toHaveText("Confirmed");
});

test("what a program error says is for developers", async () => {
    onRpc("label.print.job", "get_label_story", () => {
        throw makeServerError({
            errorName: "builtins.AttributeError",
            message: "'NoneType' object has no attribute 'name'",
        });
    });
    await mountForm();
    await contains(square(1)).click();
    expect(".o_label_print_story [role=alert]").toHaveText(/tell your administrator/);
    expect(".o_label_print_story").not.toHaveText(/NoneType/);
});

test("a story without a connection says so", async () => {
    onRpc(
        "/web/dataset/call_kw/label.print.job/get_label_story",
        () => new Response("", { status: 502 }),
        { pure: true }
    );
    await mountForm();
    await contains(square(1)).click();
    expect(".o_label_print_story [role=alert]").toHaveText(/Odoo does not answer/);
});

test("what can be done about a label is done, and then read again", async () => {
    const stories = mockStories({ isStepped: false });
    onRpc("label.print.job", "action_mark_label_checked", ({ args }) => {
        expect.step(`marked ${args[0]} ${args[1]}`);
        stories[3] = { ...stories[3], state: "checked", state_label: "Seen on paper", actions: [] };
        setRuns([
            [3, "checked"],
            [3, "waiting"],
        ]);
        return false;
    });
    await mountForm();
    await contains(square(3)).click();
    await contains(".o_label_print_story_actions button[name=action_mark_label_checked]").click();
    await animationFrame();
    expect(".o_label_print_story_state").toHaveText("Seen on paper");
    expect(".o_label_print_story_actions").toHaveCount(0);
    expect(square(3)).toHaveAttribute("aria-label", /Seen on paper/);
    expect.verifySteps(["marked 1 3"]);
});

test("an action that is refused says why where it was pressed; what it opens is opened", async () => {
    mockStories();
    let isRefused = true;
    onRpc("label.print.job", "action_mark_label_checked", () => {
        if (isRefused) {
            throw makeServerError({ message: "Only managers may do that." });
        }
        return {
            type: "ir.actions.act_window",
            res_model: "label.print.retry.wizard",
            target: "new",
        };
    });
    mockService("action", { doAction: (request) => expect.step(request.res_model) });
    await mountForm();
    await contains(square(3)).click();
    await contains(".o_label_print_story_actions button").click();
    expect(".o_label_print_story [role=alert]").toHaveText("Only managers may do that.");
    expect(".o_label_print_story_actions button").toBeEnabled();
    isRefused = false;
    await contains(".o_label_print_story_actions button").click();
    expect(".o_label_print_story").toHaveCount(0);
    expect.verifySteps(["story 1 3", "label.print.retry.wizard"]);
});

test("as a table: number, box, lot, state and problem; its numbers open stories", async () => {
    mockStories();
    await mountForm();
    await contains(".o_label_print_as_table").click();
    expect("table.o_label_print_label_table").toHaveCount(1);
    expect(queryAllTexts(".o_label_print_label_table thead th")).toEqual([
        "Label",
        "Box",
        "Lot",
        "State",
        "Problem",
        "Printed",
    ]);
    expect(queryAllTexts(".o_label_print_label_table tbody tr:eq(2) > *").slice(1)).toEqual([
        "3",
        "LOT-2",
        "Failed",
        "Out of labels",
        "",
    ]);
    expect(".o_label_print_label_table th[scope=rowgroup]").toHaveCount(0);
    await contains("button[data-by=box]").click();
    expect(".o_label_print_label_table th[scope=rowgroup]").toHaveCount(0, {
        message: "each box has one label",
    });
    await contains("button[data-by=lot]").click();
    expect(queryAllTexts(".o_label_print_label_table th[scope=rowgroup]")).toEqual([
        "Lot LOT-1",
        "Lot LOT-2",
    ]);
    await contains(".o_label_print_label_table button[data-index='3']").click();
    expect(".o_label_print_story h3").toHaveText("Label 3");
    expect.verifySteps(["story 1 3"]);
});

test("names are read once, with the first hover or focus", async () => {
    onRpc("label.print.job", "get_label_names", () => expect.step("names"));
    await mountForm();
    expect.verifySteps([]);
    await contains(square(1)).focus();
    await contains(square(2)).focus();
    await contains("button[data-by=box]").click();
    expect.verifySteps(["names"]);
    expect(square(1)).toHaveAttribute(
        "aria-label",
        "Label 1, box 1, lot LOT-1: Confirmed by the printer"
    );
    expect(queryAllTexts(".o_label_print_squares_title").slice(0, 2)).toEqual(["Box 1", "Box 2"]);
});

test("without names the grid is there, and who asked for them is told", async () => {
    onRpc("label.print.job", "get_label_names", () => {
        expect.step("names");
        throw makeServerError({ message: "no" });
    });
    await mountForm();
    await contains(square(1)).focus();
    await contains(square(2)).focus();
    expect(".o_label_print_label_grid [role=alert]").toHaveCount(0);
    expect.verifySteps(["names"]);
    await contains("button[data-by=lot]").click();
    expect(".o_label_print_label_grid [role=alert]").toHaveText(
        "Boxes and lots of the labels could not be read."
    );
    expect(square(1)).toHaveCount(1);
    expect.verifySteps(["names"]);
});

test("names from right to left do not turn what stands around them", async () => {
    LabelPrintJob._records[0].labels = makeAccount({
        runs: [[1, "confirmed"]],
        names: { boxes: ["1"], lots: ["מנה-7"] },
    });
    await mountForm();
    expect(square(1)).toHaveAttribute(
        "aria-label",
        "Label 1, box 1, lot מנה-7: Confirmed by the printer"
    );
    expect(square(1)).toHaveAttribute("data-tooltip", /\u2068מנה-7\u2069/);
    await contains("button[data-by=lot]").click();
    expect(".o_label_print_squares_title bdi").toHaveText("Lot מנה-7");
});

test("500 labels: all are there, and follow", async () => {
    LabelPrintJob._records[0].labels = makeAccount({
        runs: [
            [499, "waiting"],
            [1, "failed", "paper_out"],
        ],
    });
    await mountForm();
    expect(".o_label_print_squares [role=gridcell]").toHaveCount(500);
    expect(".o_label_print_squares [role=row]").toHaveCount(50);
    expect(".o_label_print_squares_small").toHaveCount(1);
    const { width } = queryOne(square(1)).getBoundingClientRect();
    expect(width).toBeGreaterThan(19);
    setRuns([[500, "confirmed"]]);
    await sendChanged({ jobs: [1] });
    expect(".o_label_print_legend").toHaveText("Confirmed by the printer (500)");
    await contains(square(1)).focus();
    await press(["ctrl", "End"]);
    expect(square(500)).toBeFocused();
    await press("ArrowUp");
    expect(square(500)).not.toBeFocused();
});

test("while it prints and is in sight, Odoo asks the print server every 10 s", async () => {
    LabelPrintJob._records[0].status = "printing";
    const { setOnScreen } = mockIntersection({ isOnScreen: false });
    onRpc("label.print.job", "refresh_label_account", ({ args }) => {
        expect.step(`refresh ${args[0]}`);
        throw makeServerError({ message: "the print server is away" });
    });
    await mountForm();
    await advanceTime(20_000);
    expect.verifySteps([]);
    setOnScreen(true);
    await animationFrame();
    expect.verifySteps(["refresh 1"]);
    await advanceTime(9_000);
    expect.verifySteps([]);
    await advanceTime(1_000);
    expect.verifySteps(["refresh 1"]);
    await setTabVisible(false);
    await advanceTime(30_000);
    expect.verifySteps([]);
    await setTabVisible(true);
    expect.verifySteps(["refresh 1"]);
    MockServer.env["label.print.job"].write([1], { status: "completed" });
    await sendChanged({ jobs: [1] });
    await advanceTime(1_000);
    await animationFrame();
    await advanceTime(30_000);
    expect.verifySteps([]);
    expect(".o_error_dialog").toHaveCount(0);
});

test("on a phone the story is a panel at the bottom", async () => {
    await resize({ width: 390, height: 844 });
    mockStories();
    await mountForm();
    await contains(square(3)).click();
    expect(".o_popover").toHaveCount(0);
    expect(".o_label_print_story_panel").toHaveCount(1);
    expect(".o_label_print_story_panel").toBeFocused();
    await press("Escape");
    await animationFrame();
    expect(".o_label_print_story").toHaveCount(0);
    expect(square(3)).toBeFocused();
    expect.verifySteps(["story 1 3"]);
});
