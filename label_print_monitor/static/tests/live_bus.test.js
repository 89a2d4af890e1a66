import { addBusServiceListeners } from "@bus/../tests/bus_test_helpers";
import { WEBSOCKET_CLOSE_CODES } from "@bus/workers/websocket_worker";
import { expect, test } from "@odoo/hoot";
import { animationFrame, queryAllTexts, waitUntil } from "@odoo/hoot-dom";
import { runAllTimers } from "@odoo/hoot-mock";
import { asyncStep, MockServer, mountView, waitForSteps } from "@web/../tests/web_test_helpers";
import {
    defineLabelPrintModels,
    sendChanged,
    waitForLiveChannel,
} from "./label_print_test_helpers";

// With Odoo's own bus and its worker: what the other tests drive by hand.
defineLabelPrintModels({ hasOwnBus: true });

const JOBS = { type: "list", resModel: "label.print.job" };
const statuses = () => queryAllTexts(".o_data_row td[name=status]");
const write = (id, values) => MockServer.env["label.print.job"].write([id], values);

test("what the server sends on the channel reaches the row", async () => {
    await mountView(JOBS);
    await waitForLiveChannel();
    write(1, { status: "completed" });
    await sendChanged({ jobs: [1] });
    await waitUntil(() => statuses()[0] === "Completed");
    expect(statuses()).toEqual(["Completed", "Queued", "Queued"]);
});

test("it catches up after the websocket was away", async () => {
    addBusServiceListeners(["BUS:DISCONNECT", () => asyncStep("BUS:DISCONNECT")]);
    await mountView(JOBS);
    await waitForLiveChannel();
    MockServer.env["bus.bus"]._simulateDisconnection(WEBSOCKET_CLOSE_CODES.ABNORMAL_CLOSURE);
    await waitForSteps(["BUS:DISCONNECT"]);
    write(1, { status: "completed" });
    await runAllTimers();
    await animationFrame();
    await waitUntil(() => statuses()[0] === "Completed");
    expect(statuses()).toEqual(["Completed", "Queued", "Queued"]);
});
