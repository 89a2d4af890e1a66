import { beforeEach, expect, test } from "@odoo/hoot";
import { animationFrame, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, mockDate, mockTimeZone } from "@odoo/hoot-mock";
import { getService, makeMockEnv, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { Component, xml } from "@odoo/owl";
import { FreshnessBar, formatAge } from "@label_print_monitor/live_views/freshness_bar";
import {
    ASK_AGAIN_AFTER,
    AWAY_AFTER,
    READ_ANYWAY_EVERY,
    READ_BY_THE_CLOCK_EVERY,
} from "@label_print_monitor/live_views/live_service";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { LONGEST_READ, useLive } from "@label_print_monitor/live_views/use_live";
import { defineLabelPrintModels, mockBus } from "./label_print_test_helpers";

const { servers } = defineLabelPrintModels();

class Screen extends Component {
    static template = xml`<FreshnessBar freshness="freshness"/>`;
    static components = { FreshnessBar };
    static props = ["*"];

    setup() {
        const { freshness } = useLive({
            concerns: () => true,
            read: () => read(),
        });
        this.freshness = freshness;
    }
}

let read;
beforeEach(() => {
    read = async () => expect.step("read");
});

test("ages are told in the largest unit that fits", async () => {
    await makeMockEnv();
    expect(String(formatAge(400))).toBe("0 s ago");
    expect(String(formatAge(59_000))).toBe("59 s ago");
    expect(String(formatAge(61_000))).toBe("1 min ago");
    expect(String(formatAge(7_200_000))).toBe("2 h ago");
});

test("quiet when all is well, and the age counts on", async () => {
    mockBus();
    await mountWithCleanup(Screen);
    expect(".alert").toHaveCount(0);
    expect(".o_label_print_age").toHaveText(/Live ·\s*Updated 0 s ago/);
    await advanceTime(12_000);
    await animationFrame();
    expect(".o_label_print_updated").toHaveText("Updated 12 s ago");
});

test("a websocket that is away is said plainly, and the page reads by itself", async () => {
    const bus = mockBus();
    await mountWithCleanup(Screen);
    bus.trigger("BUS:DISCONNECT");
    await advanceTime(AWAY_AFTER - 10);
    expect(".alert").toHaveCount(0, { message: "a blink is not worth a word" });
    await advanceTime(20);
    await animationFrame();
    expect(".alert").toHaveText(/Live updates have been interrupted since/);
    expect(".o_label_print_age").toHaveText(/Not live/);
    await advanceTime(READ_ANYWAY_EVERY);
    expect.verifySteps(["read"]);
    await advanceTime(READ_ANYWAY_EVERY);
    expect.verifySteps(["read"]);
    bus.trigger("BUS:RECONNECT");
    await animationFrame();
    expect(".alert").toHaveCount(0);
    await advanceTime(1000);
    expect.verifySteps(["read"]);
});

test("a page that is connected again asks twice: only jobs that are late wake the engine", async () => {
    const bus = mockBus();
    onRpc("label.print.server", "get_freshness", () => expect.step("get_freshness"));
    await mountWithCleanup(Screen);
    expect.verifySteps(["get_freshness"]);
    bus.trigger("BUS:RECONNECT");
    await advanceTime(1000);
    expect.verifySteps(["read", "get_freshness"]);
    await advanceTime(ASK_AGAIN_AFTER);
    expect.verifySteps(["get_freshness"]);
    await advanceTime(ASK_AGAIN_AFTER);
    expect.verifySteps([]);
});

test("a print server that is away is named with the time and the reason", async () => {
    mockDate("2026-03-02 12:00:00", 0);
    mockTimeZone(0);
    servers.push({
        id: 1,
        name: "Line 1",
        state: "unreachable",
        state_since: "2026-03-02 10:42:00",
        state_message: "Connection refused.",
        last_contact: false,
    });
    const bus = mockBus();
    onRpc("label.print.server", "get_freshness", () => expect.step("get_freshness"));
    await mountWithCleanup(Screen);
    await animationFrame();
    expect.verifySteps(["get_freshness"]);
    expect(queryAllTexts(".alert")[0]).toMatch(
        /Print server not reachable since 10:42.*: Line 1\./
    );
    expect(queryAllTexts(".alert")[0]).toMatch(/Connection refused\./);
    expect(".o_label_print_age").toHaveText(/Partly live/, {
        message: "what is shown may be old: no green",
    });
    servers[0].state = "ok";
    await bus.send("label_print_monitor/changed", { jobs: [], printers: [], servers: [1] });
    await animationFrame();
    expect(".alert").toHaveCount(0);
    expect.verifySteps(["read", "get_freshness"]);
    await bus.send("label_print_monitor/changed", { jobs: [1], printers: [], servers: [] });
    await advanceTime(400);
    expect.verifySteps(["read"], { message: "jobs alone do not ask for the servers" });
});

test("an archived print server whose printers are still seen", async () => {
    servers.push({ id: 1, name: "Line 1", active: false, state: "unreachable", state_message: "" });
    mockBus();
    await mountWithCleanup(Screen);
    await animationFrame();
    expect(queryAllTexts(".alert")).toEqual([
        "Print server Line 1 is archived: nothing can be printed on its printers until it is restored.",
    ]);
});

test("what only the clock moves is read once a minute", async () => {
    mockBus();
    await mountWithCleanup(Screen);
    await advanceTime(READ_BY_THE_CLOCK_EVERY - 1000);
    expect.verifySteps([]);
    await advanceTime(2000);
    expect.verifySteps(["read"]);
});

test("a worker that has not answered yet is no connection, and one that then does is", async () => {
    const bus = mockBus();
    for (const state of [null, "CONNECTING", "DISCONNECTED"]) {
        bus.service.workerState = state;
        const { __owl__ } = await mountWithCleanup(Screen);
        await advanceTime(AWAY_AFTER + 10);
        await animationFrame();
        expect(".o_label_print_age").toHaveText(/Not live/, { message: String(state) });
        bus.trigger("BUS:WORKER_STATE_UPDATED", "CONNECTED");
        await animationFrame();
        expect(".o_label_print_age").toHaveText(/^Live/);
        await advanceTime(500);
        expect.verifySteps(["read"], {
            message: "a connection that was long in coming may have missed something",
        });
        __owl__.app.destroy();
    }
});

test("a poller that has stopped is said, however well the server was", async () => {
    mockDate("2026-03-02 12:00:00", 0);
    mockTimeZone(0);
    servers.push({
        id: 1,
        name: "Line 1",
        state: "ok",
        last_contact: "2026-03-02 10:42:00",
        is_followed: false,
    });
    mockBus();
    await mountWithCleanup(Screen);
    await animationFrame();
    expect(queryAllTexts(".alert")[0]).toMatch(
        /not asked the print server Line 1 about its jobs since 10:42/
    );
    expect(".o_label_print_age").toHaveText(/Partly live/);
});

test("a server that has just begun not to answer is named before it counts as unreachable", async () => {
    const server = { id: 1, name: "Line 1", state: "ok", failure_count: 1, is_followed: true };
    servers.push(server);
    mockBus();
    await mountWithCleanup(Screen);
    await animationFrame();
    expect(queryAllTexts(".alert")).toEqual([
        "The print server Line 1 does not answer just now. Its jobs show what was last known; Odoo keeps asking.",
    ]);
    expect(".o_label_print_age").toHaveText(/Partly live/);
    for (const [state, failures, text] of [
        ["unreachable", 3, "not reachable"],
        ["misconfigured", 1, "refuses the key"],
    ]) {
        Object.assign(server, { state, failure_count: failures });
        await getService("label_print_live").loadServers();
        await animationFrame();
        expect(".alert").toHaveCount(1, { message: "one sentence for each server" });
        expect(queryAllTexts(".alert")[0]).toInclude(text);
    }
});

test("a read that fails is tried again, and the reason is told as it is", async () => {
    const bus = mockBus();
    const change = () =>
        bus.send("label_print_monitor/changed", { jobs: [1], printers: [], servers: [] });
    await mountWithCleanup(Screen);
    read = async () => {
        throw new ConnectionLostError("/web");
    };
    await change();
    await animationFrame();
    expect(".alert").toHaveText(/Odoo does not answer/);
    read = async () => {
        const error = new RPCError("no");
        error.exceptionName = "odoo.exceptions.AccessError";
        throw error;
    };
    await advanceTime(2500);
    await animationFrame();
    expect(".alert").toHaveText(/could not be read again/);
    read = async () => expect.step("read");
    await advanceTime(5000);
    await animationFrame();
    expect.verifySteps(["read"]);
    expect(".alert").toHaveCount(0);
});

test("a read that never ends is a failed one", async () => {
    const bus = mockBus();
    await mountWithCleanup(Screen);
    read = () => new Promise(() => {});
    await bus.send("label_print_monitor/changed", { jobs: [1], printers: [], servers: [] });
    await advanceTime(LONGEST_READ + 10);
    await animationFrame();
    expect(".alert").toHaveText(/Odoo does not answer/);
    expect(".o_label_print_age").toHaveText(/Not live/);
});

test("a session that has ended is Odoo's own matter: the user must log in", async () => {
    expect.errors(1);
    const bus = mockBus();
    await mountWithCleanup(Screen);
    read = async () => {
        const error = new RPCError("Session expired");
        error.exceptionName = "odoo.http.SessionExpiredException";
        throw error;
    };
    await bus.send("label_print_monitor/changed", { jobs: [1], printers: [], servers: [] });
    await animationFrame();
    expect.verifyErrors(["Session expired"]);
    read = async () => expect.step("read");
    await advanceTime(60_000);
    expect.verifySteps([], { message: "nothing is read until then" });
});

test("the last screen that leaves stops listening", async () => {
    const bus = mockBus();
    const { __owl__ } = await mountWithCleanup(Screen);
    expect([...bus.channels]).toEqual(["label_print_monitor"]);
    expect(bus.count("label_print_monitor/changed")).toBe(1);
    __owl__.app.destroy();
    expect([...bus.channels]).toEqual([]);
    expect(bus.count("label_print_monitor/changed")).toBe(0);
});
