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
import { MainComponentsContainer } from "@web/core/main_components_container";
import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { GATHERING } from "@label_print_monitor/print_notifications/print_notification_service";
import { claimToast } from "@label_print_monitor/print_notifications/toast_election";
import { defineLabelPrintModels, mockBus, setTabVisible } from "./label_print_test_helpers";

defineLabelPrintModels();

const TYPE = "label_print_notification";
const FAILED = {
    type: "danger",
    title: "Print Job Failed",
    message: "Job 7 failed: out of labels",
    sticky: true,
    job_ids: [7],
    key: "job-7-1-failed",
    retryable: true,
};

/** Locks as a browser has them, shared by all tabs. */
function makeLocks() {
    const held = new Set();
    return {
        async request(name, options, callback) {
            if (held.has(name)) {
                return callback(null);
            }
            held.add(name);
            await callback({ name });
            held.delete(name);
        },
    };
}

beforeEach(() => {
    patchWithCleanup(browser, {
        navigator: { ...browser.navigator, locks: makeLocks() },
    });
});

async function mountToasts() {
    const bus = mockBus();
    await mountWithCleanup(MainComponentsContainer);
    return async (payload, id) => {
        await bus.send(TYPE, payload, id);
        await advanceTime(GATHERING + 100);
        await animationFrame();
    };
}

test("success is short: it leaves by itself", async () => {
    const send = await mountToasts();
    await send({
        type: "success",
        title: "Print Job Completed",
        message: "20 labels printed for WH/MO/1",
        sticky: false,
        job_ids: [3],
        key: "a",
    });
    expect(".o_notification").toHaveCount(1);
    expect(".o_notification_bar").toHaveClass("bg-success");
    expect(queryAllTexts(".o_notification_buttons button")).toEqual(["Open job"]);
    await advanceTime(7000);
    await animationFrame();
    expect(".o_notification").toHaveCount(0);
});

test("failure stays, with the next step as a button", async () => {
    mockService("action", { doAction: (action) => expect.step(action) });
    onRpc("label.print.job", "action_retry", ({ args }) => {
        expect.step(`retry ${args[0]}`);
        return { tag: "next" };
    });
    const send = await mountToasts();
    await send(FAILED);
    await advanceTime(60_000);
    expect(".o_notification").toHaveCount(1);
    expect(queryAllTexts(".o_notification_buttons button")).toEqual(["Open job", "Retry"]);
    await click(".o_notification_buttons button:contains(Retry)");
    await animationFrame();
    await animationFrame();
    expect(".o_notification").toHaveCount(0);
    expect.verifySteps(["retry 7", { tag: "next" }]);
});

test("Open job opens the job, Open jobs a list of them", async () => {
    mockService("action", {
        doAction: (action) => expect.step([action.res_id || action.domain, action.views[0][1]]),
    });
    const send = await mountToasts();
    await send(FAILED);
    await click(".o_notification_buttons button:contains(Open job)");
    await send({ ...FAILED, key: "bundle", job_ids: [1, 2, 3], retryable: false });
    await click(".o_notification_buttons button:contains(Open jobs)");
    expect.verifySteps([
        [7, "form"],
        [[["id", "in", [1, 2, 3]]], "list"],
    ]);
});

test("the same outcome is told once, whoever reports it twice", async () => {
    const send = await mountToasts();
    await send(FAILED, 1);
    await send(FAILED, 2);
    expect(".o_notification").toHaveCount(1);
    await send({ ...FAILED, key: "job-7-2-failed", message: "Job 7 failed: head open" }, 3);
    expect(".o_notification").toHaveCount(1);
    expect(".o_notification").toHaveText(/head open/);
});

test("a toast is closed once somebody has seen to its job", async () => {
    const send = await mountToasts();
    await send(FAILED);
    await send({ ...FAILED, job_ids: [8], key: "job-8-1-failed", message: "Job 8 failed" });
    await send({ closes_jobs: [7], job_ids: [] });
    expect(".o_notification").toHaveCount(1);
    expect(".o_notification").toHaveText(/Job 8 failed/);
    await send({
        type: "info",
        title: "Print Job Retried",
        message: "Anna has just retried Print Job 8.",
        sticky: false,
        job_ids: [8],
        key: "act-1",
        act: "retried",
    });
    expect(".o_notification").toHaveCount(2);
    await send({ closes_jobs: [8], job_ids: [] });
    expect(".o_notification").toHaveCount(1);
    expect(".o_notification").toHaveText(/Anna has just retried/);
});

test("a toast about many jobs says how many are left, and retries those", async () => {
    onRpc("label.print.job", "action_retry", ({ args }) => {
        expect.step(`retry ${args[0]}`);
        return false;
    });
    const send = await mountToasts();
    await send({ ...FAILED, job_ids: [1, 2, 3], message: "3 jobs on Line 1 failed", key: "b" });
    await send({ closes_jobs: [2], job_ids: [] });
    expect(".o_notification").toHaveCount(1);
    expect(".o_notification_content").toHaveText(
        "Print Job Failed. Still to be seen to: 2 of 3 jobs. 3 jobs on Line 1 failed"
    );
    await send({ closes_jobs: [3, 99], job_ids: [] });
    expect(".o_notification_content").toHaveText(
        "Print Job Failed. Still to be seen to: 1 of 3 jobs. 3 jobs on Line 1 failed"
    );
    await click(".o_notification_buttons button:contains(Retry)");
    await animationFrame();
    expect.verifySteps(["retry 1"]);
    expect(".o_notification").toHaveCount(0);
});

test("toasts that were gathered follow their jobs one by one", async () => {
    const bus = mockBus();
    await mountWithCleanup(MainComponentsContainer);
    for (let id = 1; id <= 4; id++) {
        bus.send(
            TYPE,
            { ...FAILED, message: `Job ${id} failed`, job_ids: [id], key: `j${id}` },
            id
        );
    }
    await animationFrame();
    await bus.send(TYPE, { closes_jobs: [1], job_ids: [] });
    await advanceTime(GATHERING + 100);
    await animationFrame();
    expect(".o_notification_content").toHaveText(
        "Print Jobs Failed. 3 jobs. The first of them: Job 2 failed"
    );
    await bus.send(TYPE, { closes_jobs: [2], job_ids: [] });
    await animationFrame();
    expect(".o_notification_content").toHaveText(
        "Print Jobs Failed. 2 jobs. The first of them: Job 3 failed"
    );
    await bus.send(TYPE, { closes_jobs: [3], job_ids: [] });
    await animationFrame();
    expect(".o_notification_content").toHaveText("Print Job Failed. Job 4 failed");
    await bus.send(TYPE, { closes_jobs: [4], job_ids: [] });
    await animationFrame();
    expect(".o_notification").toHaveCount(0);
});

test("a job that was seen to while nobody looked at the tab is not told of", async () => {
    const send = await mountToasts();
    await setTabVisible(false);
    const failed = send(FAILED);
    await send({ closes_jobs: [7], job_ids: [] });
    await setTabVisible(true);
    await failed;
    await advanceTime(GATHERING + 100);
    await animationFrame();
    expect(".o_notification").toHaveCount(0);
});

test("the specification's bare payload is enough", async () => {
    const send = await mountToasts();
    await send(
        { type: "success", title: "Print Job Completed", message: "Done", sticky: false },
        41
    );
    await send(
        { type: "success", title: "Print Job Completed", message: "Done", sticky: false },
        42
    );
    expect(".o_notification").toHaveCount(2);
    expect(".o_notification_buttons").toHaveCount(0);
});

test("of many tabs exactly one shows a toast", async () => {
    const claims = Array.from({ length: 8 }, (_, tab) => claimToast("k", `tab ${tab}`));
    await advanceTime(1000);
    expect((await Promise.all(claims)).filter(Boolean).length).toBe(1);
    expect(await claimToast("k", "late tab")).toBe(false);
});

test("exactly one too where the browser has no locks (plain http)", async () => {
    patchWithCleanup(browser, { navigator: { ...browser.navigator, locks: undefined } });
    const claims = Array.from({ length: 8 }, (_, tab) => claimToast("k", `tab ${tab}`));
    await advanceTime(1000);
    expect((await Promise.all(claims)).filter(Boolean).length).toBe(1);
});

test("nothing is shown in a tab that nobody looks at, and the first that is looked at shows it", async () => {
    await setTabVisible(false);
    const claims = ["one", "two"].map((tab) => claimToast("k", tab));
    claims.forEach((claim, index) => claim.then((isMine) => isMine && expect.step(index)));
    await advanceTime(60_000);
    expect.verifySteps([]);
    await setTabVisible(true);
    await advanceTime(1000);
    expect((await Promise.all(claims)).filter(Boolean).length).toBe(1);
    expect.verifySteps([0]);
});

test("on a tablet that many use, each sees what concerns them", async () => {
    patchWithCleanup(user, { userId: 7 });
    expect(await claimToast("k", "tab")).toBe(true);
    expect(await claimToast("k", "tab")).toBe(false);
    patchWithCleanup(user, { userId: 8 });
    expect(await claimToast("k", "tab")).toBe(true);
});

test("many outcomes of one kind within a moment are one toast", async () => {
    onRpc("label.print.job", "action_retry", ({ args }) => {
        expect.step(`retry ${args[0]}`);
        return false;
    });
    const bus = mockBus();
    await mountWithCleanup(MainComponentsContainer);
    const sent = [];
    for (let id = 1; id <= 12; id++) {
        const failed = {
            ...FAILED,
            message: `Job ${id} failed`,
            job_ids: [id],
            key: `job-${id}`,
            retryable: id > 6,
        };
        sent.push(bus.send(TYPE, failed, id));
    }
    sent.push(
        bus.send(
            TYPE,
            {
                ...FAILED,
                type: "success",
                title: "Print Job Completed",
                key: "other",
                job_ids: [20],
            },
            20
        )
    );
    await Promise.all(sent);
    await advanceTime(GATHERING + 100);
    await animationFrame();
    expect(".o_notification").toHaveCount(2);
    expect(".o_notification:contains(Print Jobs Failed)").toHaveText(
        /12 jobs\. The first of them: Job 1 failed/
    );
    await click(".o_notification:contains(Print Jobs Failed) button:contains(Retry)");
    await animationFrame();
    expect.verifySteps(["retry 1,2,3,4,5,6,7,8,9,10,11,12"]);
});

test("a storage that fails shows the toast rather than none", async () => {
    patchWithCleanup(browser, {
        navigator: { ...browser.navigator, locks: undefined },
        localStorage: {
            getItem: () => null,
            setItem() {
                throw new Error("QuotaExceededError");
            },
        },
    });
    const claim = claimToast("k", "tab");
    await advanceTime(1000);
    expect(await claim).toBe(true);
});

const WAITING = {
    type: "warning",
    title: "Zebra-Line-1 needs somebody",
    message: "Waiting for labels. Load labels into the printer.",
    sticky: true,
    job_ids: [7],
    key: "waiting-7-1-paper_out-1",
    topic: "waiting-7-1",
    retryable: false,
};

test("what a job waits for is taken back when it goes on", async () => {
    const send = await mountToasts();
    await send(WAITING);
    await send(FAILED);
    expect(".o_notification").toHaveCount(2);
    await send({ closes: "waiting-7-1" });
    expect(".o_notification").toHaveCount(1);
    expect(".o_notification").toHaveText(/Print Job Failed/);
});

test("what a job waits for next replaces what it waited for", async () => {
    const send = await mountToasts();
    await send(WAITING);
    await send({
        ...WAITING,
        key: "waiting-7-1-head_open-1",
        message: "Waiting for the print head to be closed.",
    });
    expect(".o_notification").toHaveCount(1);
    expect(".o_notification").toHaveText(/print head/);
});

test("a tab that nobody has looked at shows nothing that is over", async () => {
    const send = await mountToasts();
    await setTabVisible(false);
    const waiting = send(WAITING);
    await send({ closes: "waiting-7-1" });
    await setTabVisible(true);
    await waiting;
    await advanceTime(GATHERING + 100);
    await animationFrame();
    expect(".o_notification").toHaveCount(0);
});

test("the answer to a test takes the place of the toast, and is taken back", async () => {
    const send = await mountToasts();
    const away = {
        type: "danger",
        title: "Print server cannot be reached",
        message: "Nothing answers.",
        sticky: true,
        job_ids: [],
        key: "server-3-unreachable-1",
        topic: "server-3",
    };
    const failed = { ...away, title: "Connection does not work", closes: "server-3" };
    const answer = async (params) => {
        await getService("action").doAction({
            type: "ir.actions.client",
            tag: "label_print_notice",
            params,
        });
        await animationFrame();
    };
    await send(away);
    await answer(failed);
    await answer(failed);
    expect(queryAllTexts(".o_notification")).toHaveLength(1);
    expect(".o_notification").toHaveText(/Connection does not work/);
    await send({ closes: "server-3" });
    expect(".o_notification").toHaveCount(0);
    await answer(failed);
    await answer({ type: "success", title: "Connection works", closes: "server-3" });
    expect(".o_notification").toHaveCount(1);
    await send({ closes: "server-3" });
    expect(".o_notification").toHaveText(/Connection works/);
});

test("an export that is ready offers its file", async () => {
    mockService("action", { doAction: ({ type, url }) => expect.step(`${type} ${url}`) });
    const send = await mountToasts();
    const url = "/web/content/9?download=true";
    await send({
        type: "success",
        title: "Ready",
        message: "x",
        sticky: true,
        job_ids: [],
        key: "export-1",
        url,
    });
    await click(".o_notification button:contains(Download)");
    await animationFrame();
    expect.verifySteps([`ir.actions.act_url ${url}`]);
    expect(".o_notification").toHaveCount(0);
});
