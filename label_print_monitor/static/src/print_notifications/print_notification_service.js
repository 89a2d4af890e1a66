import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { claimToast } from "./toast_election";

export const NOTIFICATION = "label_print_notification";

const TYPES = ["success", "danger", "warning", "info"];
const READING_TIME = 6000;

/**
 * Outcomes of one kind that come within this time of the first are gathered, in milliseconds. The server bundles what it
 * hears at once, but a printer without labels ends its jobs one by one.
 */
export const GATHERING = 800;

/** So many toasts of one kind are shown singly; more become one. */
const SINGLY = 2;

/** @param {Object[]} payloads of one type, more than can be read one by one */
export function bundlePayloads(payloads) {
    const [first] = payloads;
    const jobIds = [...new Set(payloads.flatMap((payload) => payload.job_ids))];
    const titles = {
        success: _t("Print Jobs Completed"),
        warning: _t("Print Jobs Completed with Errors"),
        danger: _t("Print Jobs Failed"),
    };
    return {
        type: first.type,
        title: titles[first.type] || first.title,
        message: _t("%(count)s jobs. The first of them: %(message)s", {
            count: jobIds.length,
            message: first.message,
        }),
        sticky: payloads.some((payload) => payload.sticky),
        job_ids: jobIds,
        retryable: payloads.some((payload) => payload.retryable),
    };
}

/**
 * Open the jobs that a toast is about: one in its form, several in a list.
 *
 * @param {number[]} jobIds
 */
export function makeOpenJobsAction(jobIds) {
    const action = {
        type: "ir.actions.act_window",
        res_model: "label.print.job",
        target: "current",
    };
    if (jobIds.length === 1) {
        return { ...action, res_id: jobIds[0], views: [[false, "form"]] };
    }
    return {
        ...action,
        name: _t("Print Jobs"),
        domain: [["id", "in", jobIds]],
        views: [
            [false, "list"],
            [false, "kanban"],
            [false, "form"],
        ],
    };
}

/** Says once, in one tab, how a print job ended, with the next step as a button. */
export const printNotificationService = {
    dependencies: ["action", "bus_service", "notification", "orm"],

    start(env, { action, bus_service: bus, notification, orm }) {
        const tab = `${Date.now()}-${Math.random()}`;

        async function retry(jobIds) {
            const next = await orm.call("label.print.job", "action_retry", [jobIds]);
            if (next) {
                await action.doAction(next);
            }
        }

        function makeButtons(payload, close) {
            const jobIds = payload.job_ids || [];
            if (!jobIds.length) {
                return [];
            }
            const buttons = [
                {
                    name: jobIds.length === 1 ? _t("Open job") : _t("Open jobs"),
                    onClick: () => {
                        close();
                        action.doAction(makeOpenJobsAction(jobIds));
                    },
                },
            ];
            if (payload.retryable) {
                buttons.push({
                    name: _t("Retry"),
                    primary: true,
                    onClick: () => {
                        close();
                        retry(jobIds);
                    },
                });
            }
            return buttons;
        }

        /** The newest toast of each topic: it is taken back when it is no longer true, shown already or not. */
        const topics = new Map();

        function closeTopic(topic) {
            const toast = topics.get(topic);
            if (toast) {
                topics.delete(topic);
                toast.isOver = true;
                toast.close?.();
            }
        }

        function openTopic(topic) {
            closeTopic(topic);
            const toast = { isOver: false, close: null };
            topics.set(topic, toast);
            return toast;
        }

        function show(payload, toast = {}) {
            if (toast.isOver) {
                return;
            }
            let closeToast = () => {};
            closeToast = notification.add(payload.message || "", {
                title: payload.title,
                type: TYPES.includes(payload.type) ? payload.type : "info",
                sticky: Boolean(payload.sticky),
                autocloseDelay: READING_TIME,
                className: "o_label_print_toast",
                buttons: makeButtons(payload, () => closeToast()),
            });
            toast.close = () => closeToast();
        }

        const gathered = new Map();

        function gather(payload) {
            const others = gathered.get(payload.type);
            if (others) {
                others.push(payload);
                return;
            }
            const payloads = [payload];
            gathered.set(payload.type, payloads);
            browser.setTimeout(() => {
                gathered.delete(payload.type);
                (payloads.length > SINGLY ? [bundlePayloads(payloads)] : payloads).forEach((one) =>
                    show(one)
                );
            }, GATHERING);
        }

        async function onNotification(payload, { id } = {}) {
            if (payload.closes) {
                closeTopic(payload.closes);
                return;
            }
            const toast = payload.topic && openTopic(payload.topic);
            if (!(await claimToast(payload.key || `bus_${id}`, tab))) {
                return;
            }
            if (payload.job_ids?.length && !toast) {
                gather(payload);
            } else {
                show(payload, toast || {});
            }
        }

        bus.subscribe(NOTIFICATION, onNotification);
        bus.start();
    },
};

registry.category("services").add("label_print_notification", printNotificationService);
