import { waitForChannels } from "@bus/../tests/bus_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect } from "@odoo/hoot";
import { animationFrame, manuallyDispatchProgrammaticEvent } from "@odoo/hoot-dom";
import {
    asyncStep,
    defineModels,
    fields,
    getService,
    makeServerError,
    MockServer,
    mockService,
    models,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { CHANGED, CHANNEL } from "@label_print_monitor/live_views/live_service";
import { PROGRESS } from "@label_print_monitor/live_views/progress";

const STATUSES = [
    ["pending", "Pending"],
    ["queued", "Queued"],
    ["printing", "Printing"],
    ["completed", "Completed"],
    ["failed", "Failed"],
];

export class LabelPrintJob extends models.Model {
    _name = "label.print.job";
    has_activities = true;

    name = fields.Char();
    note = fields.Char();
    status = fields.Selection({ selection: STATUSES });
    quantity = fields.Integer();
    set_aside_date = fields.Datetime();
    activity_ids = fields.One2many({ relation: "mail.activity" });
    message_ids = fields.One2many({ relation: "mail.message" });
    message_follower_ids = fields.Many2many({ relation: "mail.followers" });
    timeline = fields.Json();
    labels = fields.Json();
    line_ids = fields.One2many({ relation: "label.print.failed.label", relation_field: "job_id" });
    tag_ids = fields.Many2many({ relation: "label.print.tag" });

    _records = [
        { id: 1, name: "Job 1", status: "printing", quantity: 20, line_ids: [] },
        { id: 2, name: "Job 2", status: "queued", quantity: 10, line_ids: [] },
        { id: 3, name: "Job 3", status: "queued", quantity: 5, line_ids: [] },
    ];
    _views = {
        search: `<search/>`,
        list: `
            <list js_class="label_print_live_list" multi_edit="1">
                <field name="name"/><field name="note"/><field name="status"/>
            </list>`,
        kanban: `
            <kanban js_class="label_print_live_kanban">
                <templates><t t-name="card"><field name="name"/> <field name="status"/></t></templates>
            </kanban>`,
        form: `
            <form js_class="label_print_live_form">
                <field name="name"/><field name="note"/><field name="status"/>
                <field name="line_ids"><list limit="2"><field name="name"/></list></field>
            </form>`,
    };
}

export class LabelPrintFailedLabel extends models.Model {
    _name = "label.print.failed.label";

    name = fields.Char();
    job_id = fields.Many2one({ relation: "label.print.job" });
}

/** Not a model of the addon: something that a form can have many of, as a printer has watchers. */
export class LabelPrintTag extends models.Model {
    _name = "label.print.tag";

    name = fields.Char();
}

export class PrinterConfiguration extends models.Model {
    _name = "printer.configuration";

    name = fields.Char();

    _records = [{ id: 1, name: "Zebra" }];
    _views = {
        search: `<search/>`,
        kanban: `
            <kanban js_class="label_print_live_kanban">
                <templates><t t-name="card"><field name="name"/></t></templates>
            </kanban>`,
    };
}

let currentBus = null;

/**
 * Models of the addon with its server calls; `servers` may be filled by a test before it mounts anything.
 *
 * @param {{ hasOwnBus?: boolean }} [options] `hasOwnBus` leaves Odoo's bus with its worker in place, whose connection
 *   takes as long as the machine is busy
 */
export function defineLabelPrintModels({ hasOwnBus = false } = {}) {
    defineMailModels();
    defineModels({ LabelPrintJob, LabelPrintFailedLabel, LabelPrintTag, PrinterConfiguration });
    const servers = [];
    beforeEach(() => {
        servers.length = 0;
        onRpc("label.print.server", "get_freshness", () => servers);
        currentBus = hasOwnBus ? null : mockBus();
    });
    return { servers };
}

/** Say on the bus that records have changed, as the server does after its commit. */
export async function sendChanged(changes) {
    const payload = { jobs: [], printers: [], servers: [], ...changes };
    if (currentBus) {
        currentBus.send(CHANGED, payload);
    } else {
        MockServer.env["bus.bus"]._sendone(CHANNEL, CHANGED, payload);
    }
    await animationFrame();
    await animationFrame();
}

/**
 * Say on the bus that jobs print or are complete now, as the server does.
 *
 * @param {...Array} statuses id, labels printed, quantity, percent, status, printer's id, reference, evidence
 */
export async function sendStatuses(...statuses) {
    currentBus.send(CHANGED, { jobs: statuses.map(([id]) => id), printers: [], servers: [] });
    currentBus.send(PROGRESS, { company: 1, jobs: [], statuses });
    await animationFrame();
    await animationFrame();
}

/**
 * Say on the bus that labels have come out, as the server does: which jobs, and their numbers.
 *
 * @param {...[number, number, number, number]} jobs id, labels printed, quantity, percent
 */
export async function sendProgress(...jobs) {
    const ids = jobs.map(([id]) => id);
    currentBus.send(CHANGED, { jobs: ids, progressed: ids, printers: [], servers: [] });
    currentBus.send(PROGRESS, { company: 1, jobs });
    await animationFrame();
    await animationFrame();
}

export async function waitForLiveChannel() {
    if (currentBus) {
        expect([...currentBus.channels]).toInclude(CHANNEL);
    } else {
        await waitForChannels([CHANNEL]);
    }
}

/** Name each reading call of a model as a step. */
export function stepReads(resModel = "label.print.job") {
    onRpc(resModel, "web_search_read", () => asyncStep("web_search_read"));
    onRpc(resModel, "web_read", () => asyncStep("web_read"));
    onRpc(resModel, "web_read_group", () => asyncStep("web_read_group"));
}

/** A call of another module while the user is not logged in any more, of which nobody catches the error. */
export async function callWithExpiredSession() {
    expect.errors(1);
    onRpc("res.users", "read", () => {
        throw makeServerError({ errorName: "odoo.http.SessionExpiredException" });
    });
    getService("orm").read("res.users", [1], ["name"]);
    await animationFrame();
    await animationFrame();
    expect.verifyErrors([/Odoo Server Error|session/i]);
}

/** Let the tab be looked at, or not. */
export async function setTabVisible(isVisible) {
    patchWithCleanup(document, { hidden: !isVisible });
    await manuallyDispatchProgrammaticEvent(document, "visibilitychange");
    await animationFrame();
}

/**
 * Replace the bus by one that a test drives by hand.
 *
 * @returns {{ send: Function, trigger: Function, channels: Set<string> }}
 */
export function mockBus() {
    const target = new EventTarget();
    const subscriptions = new Map();
    const channels = new Set();
    const service = {
        addEventListener: target.addEventListener.bind(target),
        removeEventListener: target.removeEventListener.bind(target),
        addChannel: (channel) => channels.add(channel),
        deleteChannel: (channel) => channels.delete(channel),
        subscribe(type, callback) {
            subscriptions.set(type, [...(subscriptions.get(type) || []), callback]);
        },
        unsubscribe(type, callback) {
            const others = (subscriptions.get(type) || []).filter((known) => known !== callback);
            subscriptions.set(type, others);
        },
        start() {},
        send() {},
        trigger() {},
        forceUpdateChannels() {},
        workerState: "CONNECTED",
        isActive: true,
    };
    mockService("bus_service", () => service);
    return {
        channels,
        service,
        send: (type, payload, id = 1) =>
            Promise.all(
                (subscriptions.get(type) || []).map((callback) => callback(payload, { id }))
            ),
        trigger: (type, detail) => target.dispatchEvent(new CustomEvent(type, { detail })),
        count: (type) => (subscriptions.get(type) || []).length,
    };
}
