import { beforeEach, expect, test } from "@odoo/hoot";
import { animationFrame, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import { mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { MainComponentsContainer } from "@web/core/main_components_container";
import {
    GATHERING,
    STALE_AFTER,
} from "@label_print_monitor/print_notifications/print_notification_service";
import { claimToast, getStorageKey } from "@label_print_monitor/print_notifications/toast_election";
import { defineLabelPrintModels, mockBus, setTabVisible } from "./label_print_test_helpers";

defineLabelPrintModels();

const TYPE = "label_print_notification";
const FAILED = {
    type: "danger",
    title: "Print Job Failed",
    message: "Job 7 failed",
    sticky: true,
    job_ids: [7],
    key: "job-7-1-failed",
    retryable: true,
};
const DONE = { ...FAILED, type: "success", title: "Print Job Completed", sticky: false };

beforeEach(() => {
    patchWithCleanup(browser, { navigator: { ...browser.navigator, locks: undefined } });
});

/** Another tab has shown these, as this one is told. */
function showElsewhere(keys) {
    const key = getStorageKey();
    const entries = keys.slice(-200).map((name) => [name, "other tab"]);
    browser.localStorage.setItem(key, JSON.stringify(entries));
    window.dispatchEvent(new StorageEvent("storage", { key }));
}

async function mountToasts() {
    const bus = mockBus();
    await mountWithCleanup(MainComponentsContainer);
    const settle = async () => {
        await animationFrame();
        for (const delay of [100, GATHERING + 100, 0]) {
            await advanceTime(delay);
            await animationFrame();
        }
    };
    return { send: (payload, id) => bus.send(TYPE, payload, id), settle };
}

test("a tab that was in the background shows nothing a second time, however much another one has shown", async () => {
    const listeners = [];
    patchWithCleanup(document, {
        addEventListener(type) {
            listeners.push(type);
            return super.addEventListener(...arguments);
        },
    });
    await setTabVisible(false);
    const keys = Array.from({ length: 300 }, (_, number) => `job-${number}`);
    const claims = keys.map((key) => claimToast(key, "tab"));
    expect(listeners.filter((type) => type === "visibilitychange")).toHaveLength(1);
    for (let shown = 50; shown <= 300; shown += 50) {
        showElsewhere(keys.slice(0, shown));
    }
    await setTabVisible(true);
    await advanceTime(1_000);
    expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(0);
});

test("what leaves by itself is not told long afterwards, what stays is", async () => {
    const { send, settle } = await mountToasts();
    await setTabVisible(false);
    send({ ...DONE, key: "done" }, 1);
    send({ ...FAILED, job_ids: [8] }, 2);
    await advanceTime(STALE_AFTER + 1_000);
    await setTabVisible(true);
    await settle();
    expect(queryAllTexts(".o_notification_content")).toEqual(["Print Job Failed. Job 7 failed"]);
});

test("only what is called alike becomes one toast", async () => {
    const { send, settle } = await mountToasts();
    const info = { ...DONE, type: "info" };
    send({ ...info, title: "Print Job Cancelled", message: "Job 1", job_ids: [1], key: "1" }, 1);
    send({ ...info, title: "Print Job Retried", act: "retried", job_ids: [2], key: "2" }, 2);
    send({ ...info, title: "Print Job Moved", act: "moved", job_ids: [3], key: "3" }, 3);
    await settle();
    expect(queryAllTexts(".o_notification_content").map((text) => text.split(".")[0])).toEqual([
        "Print Job Cancelled",
        "Print Job Retried",
        "Print Job Moved",
    ]);
});

test("that records were verified neither ends with their jobs nor takes their failures away", async () => {
    const { send, settle } = await mountToasts();
    send(FAILED, 1);
    await settle();
    send(
        {
            ...FAILED,
            title: "Records of print jobs verified",
            message: "1 record differs",
            key: "verification-3",
            topic: "verification-3",
            retryable: false,
        },
        2
    );
    await settle();
    expect(".o_notification").toHaveCount(2);
    send({ closes_jobs: [7], job_ids: [] }, 3);
    await settle();
    expect(queryAllTexts(".o_notification_content")).toEqual([
        "Records of print jobs verified. 1 record differs",
    ]);
});
