import { beforeEach, expect, test } from "@odoo/hoot";
import { animationFrame, click, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import {
    getService,
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { MainComponentsContainer } from "@web/core/main_components_container";
import { WebClient } from "@web/webclient/webclient";
import { GATHERING } from "@label_print_monitor/print_notifications/print_notification_service";
import { describeIncident } from "@label_print_monitor/overview/incidents";
import { defineLabelPrintModels, mockBus } from "./label_print_test_helpers";

defineLabelPrintModels();

const TYPE = "label_print_notification";
const TOAST = {
    type: "danger",
    title: "Print Jobs Failed",
    message: "3 jobs on Line 1 failed: labels empty",
    sticky: true,
    job_ids: [7, 8, 9],
    key: "incident-4-1",
    topic: "incident-4",
    replaces: "waiting-1",
    incident_id: 4,
    retryable: false,
    updates: false,
};
const INCIDENT = {
    id: 4,
    is_open: true,
    printer_id: 1,
    name: "Line 1",
    message: "Printer is out of paper or labels",
    action: "Load labels into the printer",
    date: "2026-03-02 08:00:00",
    waiting: 10,
    stopped: 1,
    person: "",
    can_retry: false,
    can_move: true,
};

beforeEach(() => {
    patchWithCleanup(browser, { navigator: { ...browser.navigator, locks: undefined } });
});

async function mountToasts() {
    const bus = mockBus();
    await mountWithCleanup(MainComponentsContainer);
    return async (payload) => {
        await bus.send(TYPE, payload);
        await advanceTime(GATHERING + 100);
        await animationFrame();
    };
}

test("the toast of an incident takes the place of those about its jobs", async () => {
    const send = await mountToasts();
    await send({ ...TOAST, incident_id: false, job_ids: [], topic: "waiting-1", key: "w" });
    await send({
        type: "danger",
        title: "Print Job Failed",
        message: "Job 7",
        sticky: true,
        job_ids: [7],
        key: "job-7",
    });
    expect(".o_notification").toHaveCount(2);
    await send(TOAST);
    expect(".o_notification").toHaveCount(1);
    expect(".o_notification").toHaveText(/3 jobs on Line 1 failed/);
    expect(queryAllTexts(".o_notification_buttons button")).toEqual(["Open incident"]);
});

test("what changes is said in the same toast, and not to who has closed it", async () => {
    const send = await mountToasts();
    await send(TOAST);
    await send({ ...TOAST, message: "4 jobs on Line 1 failed", updates: true });
    expect(".o_notification").toHaveCount(1);
    expect(".o_notification").toHaveText(/4 jobs/);
    await click(".o_notification_close");
    await animationFrame();
    await send({ ...TOAST, message: "5 jobs on Line 1 failed", updates: true });
    expect(".o_notification").toHaveCount(0);
});

test("an update alone shows nothing, and what is over is taken back", async () => {
    const send = await mountToasts();
    await send({ ...TOAST, updates: true });
    expect(".o_notification").toHaveCount(0);
    await send(TOAST);
    expect(".o_notification").toHaveCount(1);
    await send({ closes: "incident-4" });
    expect(".o_notification").toHaveCount(0);
});

test("once it is over, one click retries what it stopped", async () => {
    mockService("action", { doAction: (action) => expect.step(action.tag || action.res_model) });
    onRpc("label.print.incident", "action_retry_stopped", ({ args }) => {
        expect.step(args[0]);
        return { type: "ir.actions.client", tag: "done" };
    });
    const send = await mountToasts();
    await send(TOAST);
    await send({ ...TOAST, title: "Line 1 can print again", retryable: true, updates: true });
    expect(queryAllTexts(".o_notification_buttons button")).toEqual([
        "Open incident",
        "Retry what it stopped",
    ]);
    await click(".o_notification_buttons button:contains(Retry what it stopped)");
    await animationFrame();
    expect.verifySteps([[4], "done"]);
    expect(".o_notification").toHaveCount(0);
});

test("an incident in words", async () => {
    await mountWithCleanup(MainComponentsContainer);
    const open = describeIncident({ ...INCIDENT, person: "Sam" });
    expect(open.facts).toBe("10 jobs wait · 1 job lacks labels · Sam is on it");
    expect(open.at).toMatch(/^since /);
    const over = describeIncident({ ...INCIDENT, is_open: false, waiting: 0, stopped: 3 });
    expect(over.problem).toBe("It is over: Printer is out of paper or labels");
    expect(over.facts).toBe("3 jobs lack labels");
    expect(over.at).toMatch(/^over since /);
});

test("the overview shows incidents and what can be done, and the oldest job that waits", async () => {
    mockBus();
    const tile = (value) => ({ value, model: "label.print.job", domain: [] });
    const names = ["printing", "waiting", "attention", "failed_today", "labels_today"];
    onRpc("label.print.job", "get_overview", () => ({
        tiles: Object.fromEntries(names.map((name) => [name, tile(4)])),
        per_hour: [],
        printers: [],
        failures: [],
        incidents: [
            INCIDENT,
            { ...INCIDENT, id: 5, is_open: false, can_move: false, can_retry: true, action: "" },
        ],
        incidents_count: 7,
        covered: 4,
        oldest_waiting: {
            id: 12,
            name: "Print Job 12",
            printer: "Line 1",
            since: "2026-03-02 07:00:00",
        },
    }));
    onRpc("label.print.incident", "action_acknowledge", ({ args }) => {
        expect.step(args[0]);
        return false;
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "label_print_monitor.overview",
    });
    await animationFrame();
    expect(".o_label_print_incident").toHaveCount(2);
    expect(".o_label_print_incident:first").toHaveText(/Load labels into the printer/);
    expect(queryAllTexts(".o_label_print_incident:first .flex-wrap button")).toEqual([
        "I am on it",
        "Move what waits",
    ]);
    expect(queryAllTexts(".o_label_print_incident:last .flex-wrap button")).toEqual([
        "Retry what it stopped",
    ]);
    expect(queryAllTexts(".o_label_print_more")).toEqual(["and 5 more"]);
    expect(".o_label_print_oldest").toHaveText(/Oldest waiting job: Print Job 12 · Line 1 · since/);
    await click(".o_label_print_incident:first .flex-wrap button:first");
    await animationFrame();
    expect.verifySteps([[4]]);
});
