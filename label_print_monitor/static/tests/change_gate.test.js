import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, Deferred, runAllTimers, tick } from "@odoo/hoot-mock";
import { ChangeGate, EVERYTHING, mergeChanges } from "@label_print_monitor/live_views/change_gate";

describe.current.tags("headless");

function makeGate(options) {
    const gate = new ChangeGate(
        async (changes) => expect.step(changes.jobs || "everything"),
        options
    );
    gate.open();
    return gate;
}

test("changes are merged without doubles, and everything swallows the rest", () => {
    const merged = mergeChanges({ jobs: [1, 2] }, { jobs: [2, 3], printers: [7] });
    expect(merged).toEqual({ jobs: [1, 2, 3], printers: [7], servers: [], incidents: [] });
    expect(mergeChanges(merged, EVERYTHING)).toBe(EVERYTHING);
    expect(mergeChanges(EVERYTHING, merged)).toBe(EVERYTHING);
});

test("the first change is read at once, what follows is gathered", async () => {
    // Real time goes on beside the mocked one: on a busy machine milliseconds would decide nothing.
    const gate = makeGate({ pause: 60_000, longestPause: 60_000 });
    gate.push({ jobs: [1] });
    await tick();
    expect.verifySteps([[1]]);
    for (let id = 2; id <= 50; id++) {
        gate.push({ jobs: [id] });
    }
    await advanceTime(30_000);
    expect.verifySteps([]);
    await advanceTime(30_001);
    expect.verifySteps([Array.from({ length: 49 }, (_, index) => index + 2)]);
    await runAllTimers();
    expect.verifySteps([]);
});

test("never two reads at a time, and a slow one earns a longer pause", async () => {
    const answer = new Deferred();
    const gate = new ChangeGate(async (changes) => {
        expect.step(changes.jobs);
        await answer;
    });
    gate.open();
    gate.push({ jobs: [1] });
    gate.push({ jobs: [2] });
    await advanceTime(2000);
    expect.verifySteps([[1]]);
    answer.resolve();
    await tick();
    await advanceTime(2500);
    expect.verifySteps([], {
        message: "a read of two seconds is followed by four seconds of rest",
    });
    await advanceTime(3000);
    expect.verifySteps([[2]]);
});

test("a closed gate keeps changes until it is opened", async () => {
    const gate = new ChangeGate(async (changes) => expect.step(changes.jobs));
    gate.push({ jobs: [1] });
    gate.push({ jobs: [2] });
    await runAllTimers();
    expect.verifySteps([]);
    gate.open();
    await tick();
    expect.verifySteps([[1, 2]]);
});

test("after a failure everything is read again, later and later", async () => {
    const gate = new ChangeGate(async (changes) => {
        expect.step(changes.jobs || "everything");
        throw new Error("away");
    });
    gate.open();
    gate.push({ jobs: [1] });
    await tick();
    expect.verifySteps([[1]]);
    gate.push({ jobs: [2] });
    await advanceTime(1500);
    expect.verifySteps([]);
    await advanceTime(1000);
    expect.verifySteps(["everything"]);
    await advanceTime(3000);
    expect.verifySteps([]);
    await advanceTime(2000);
    expect.verifySteps(["everything"]);
    gate.push(EVERYTHING);
    await tick();
    expect.verifySteps(["everything"], { message: "whoever says so has a reason" });
});

test("a stopped gate never runs again", async () => {
    const gate = makeGate();
    gate.push({ jobs: [1] });
    await tick();
    expect.verifySteps([[1]]);
    gate.push({ jobs: [2] });
    gate.stop();
    gate.push({ jobs: [3] });
    await runAllTimers();
    expect.verifySteps([]);
});
