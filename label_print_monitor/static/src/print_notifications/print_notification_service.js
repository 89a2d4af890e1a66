import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { makeToastButtons } from "./toast_buttons";
import { claimToast } from "./toast_election";

export const NOTIFICATION = "label_print_notification";

const TYPES = ["success", "danger", "warning", "info"];
const READING_TIME = 6000;

/**
 * Outcomes of one kind that come within this time of the first are gathered, in milliseconds. The server bundles what it
 * hears at once, but a printer without labels ends its jobs one by one.
 */
export const GATHERING = 800;

/** What leaves by itself anyway is not told this long after it has happened, in milliseconds. */
export const STALE_AFTER = 10 * 60_000;

/** So many toasts of one kind are shown singly; more become one. */
const SINGLY = 2;

/** What happened, of several jobs: only what is called alike is told in one toast. */
function getBundleTitle({ type, title, act }) {
    const titles = {
        success: _t("Print Jobs Completed"),
        warning: _t("Print Jobs Completed with Errors"),
        danger: _t("Print Jobs Failed"),
    };
    return String((!act && titles[type]) || title);
}

/** @param {Object[]} payloads of one kind, more than can be read one by one */
export function bundlePayloads(payloads) {
    const [first] = payloads;
    const jobIds = [...new Set(payloads.flatMap((payload) => payload.job_ids))];
    return {
        type: first.type,
        title: getBundleTitle(first),
        message: _t("%(count)s jobs. The first of them: %(message)s", {
            count: jobIds.length,
            message: first.message,
        }),
        sticky: payloads.some((payload) => payload.sticky),
        job_ids: jobIds,
        retryable: payloads.some((payload) => payload.retryable),
    };
}

/** The same payload without these jobs. */
function omitJobs(payload, jobIds) {
    return { ...payload, job_ids: payload.job_ids.filter((id) => !jobIds.includes(id)) };
}

/** Says once, in one tab, how a print job ended, with the next step as a button. */
export const printNotificationService = {
    dependencies: ["action", "bus_service", "notification", "orm"],

    start(env, { action, bus_service: bus, notification, orm }) {
        const tab = `${Date.now()}-${Math.random()}`;

        /**
         * Toasts about how jobs ended, shown or still to be shown: each follows its jobs.
         *
         * @type {Set<{ payload: Object, parts?: Object[], isOver: boolean, close: Function | null }>}
         */
        const outcomes = new Set();

        function makeToast(payload) {
            return { payload, isOver: false, close: null };
        }

        function isFollowing(payload) {
            return Boolean(payload.job_ids?.length) && !payload.topic && !payload.act;
        }

        function endToast(toast) {
            outcomes.delete(toast);
            toast.isOver = true;
            toast.close?.();
        }

        /** What a toast says once some of its jobs are seen to; null when nothing is left to be said. */
        function shrinkPayload(toast, jobIds) {
            const { payload } = toast;
            if (toast.parts) {
                toast.parts = toast.parts
                    .map((part) => omitJobs(part, jobIds))
                    .filter((part) => part.job_ids.length);
                return toast.parts.length > 1 ? bundlePayloads(toast.parts) : toast.parts[0];
            }
            const left = omitJobs(payload, jobIds);
            const message = toast.message ?? payload.message;
            const count = toast.count ?? payload.job_ids.length;
            Object.assign(toast, { message, count });
            return (
                left.job_ids.length && {
                    ...left,
                    message: _t("Still to be seen to: %(left)s of %(count)s jobs. %(message)s", {
                        left: left.job_ids.length,
                        count,
                        message,
                    }),
                }
            );
        }

        /**
         * Somebody has seen to these jobs, or they have ended in another way: what was said of them is no longer true.
         *
         * @param {number[]} jobIds
         * @param {string} [key] of the notice that says the newest; the same one, told twice, stays
         */
        function forgetJobs(jobIds, key) {
            for (const toast of [...outcomes]) {
                const concerned = toast.payload.job_ids.some((id) => jobIds.includes(id));
                if (!concerned || (key && toast.payload.key === key)) {
                    continue;
                }
                const payload = shrinkPayload(toast, jobIds);
                if (!payload) {
                    endToast(toast);
                    continue;
                }
                changeToast(toast, payload);
            }
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
            const toast = makeToast(null);
            topics.set(topic, toast);
            return toast;
        }

        /** What is said of a topic has changed: only for whoever still looks at it, shown already or about to be. */
        function updateTopic(payload) {
            const toast = topics.get(payload.topic);
            if (!toast || toast.isOver || toast.isDismissed) {
                return;
            }
            changeToast(toast, payload);
        }

        /** From now on it says this, also if it is on the screen already. */
        function changeToast(toast, payload) {
            toast.payload = payload;
            if (toast.close) {
                const { close } = toast;
                toast.close = null;
                close();
                show(toast);
            }
        }

        function show(toast) {
            if (toast.isOver) {
                return;
            }
            const { payload } = toast;
            const closeToast = notification.add(payload.message || "", {
                title: payload.title,
                type: TYPES.includes(payload.type) ? payload.type : "info",
                sticky: Boolean(payload.sticky),
                autocloseDelay: READING_TIME,
                className: "o_label_print_toast",
                buttons: makeToastButtons(payload, { action, orm, close: () => closeToast() }),
                // Not when it is only replaced by a shorter one.
                onClose: () => {
                    if (toast.close === closeToast) {
                        toast.isDismissed = true;
                        outcomes.delete(toast);
                    }
                },
            });
            toast.close = closeToast;
        }

        const gathered = new Map();

        function gather(toast) {
            const { type, act = "" } = toast.payload;
            const kind = [type, act, getBundleTitle(toast.payload)].join();
            const others = gathered.get(kind);
            if (others) {
                others.push(toast);
                return;
            }
            const toasts = [toast];
            gathered.set(kind, toasts);
            browser.setTimeout(() => {
                gathered.delete(kind);
                const current = toasts.filter((one) => !one.isOver);
                if (current.length <= SINGLY) {
                    current.forEach(show);
                    return;
                }
                const parts = current.map((one) => one.payload);
                const bundle = { ...makeToast(bundlePayloads(parts)), parts };
                if (current.filter((one) => outcomes.delete(one)).length) {
                    outcomes.add(bundle);
                }
                show(bundle);
            }, GATHERING);
        }

        async function onNotification(payload, { id } = {}) {
            if (payload.closes) {
                closeTopic(payload.closes);
                return;
            }
            if (payload.closes_jobs) {
                forgetJobs(payload.closes_jobs);
                return;
            }
            if (payload.replaces) {
                closeTopic(payload.replaces);
            }
            if (payload.incident_id && payload.job_ids.length) {
                forgetJobs(payload.job_ids, payload.key);
            }
            if (payload.updates) {
                updateTopic(payload);
                return;
            }
            const toast = payload.topic ? openTopic(payload.topic) : makeToast(null);
            toast.payload = payload;
            const follows = isFollowing(payload);
            if (follows) {
                forgetJobs(payload.job_ids, payload.key);
                outcomes.add(toast);
            }
            const heardAt = Date.now();
            const isWanted = () =>
                !toast.isOver && (toast.payload.sticky || Date.now() - heardAt < STALE_AFTER);
            if (!(await claimToast(payload.key || `bus_${id}`, tab, isWanted))) {
                outcomes.delete(toast);
                return;
            }
            if (payload.job_ids?.length && !payload.topic) {
                gather(toast);
            } else {
                show(toast);
            }
        }

        bus.subscribe(NOTIFICATION, onNotification);
        bus.start();

        return {
            /**
             * Show the answer to what has just been asked for in this tab.
             *
             * @param {Object} payload as it comes by the bus; `closes` names the toasts whose place it takes
             */
            showNotice(payload) {
                closeTopic(payload.closes);
                const toast = payload.topic ? openTopic(payload.topic) : makeToast(null);
                toast.payload = payload;
                show(toast);
            },
        };
    },
};

registry.category("services").add("label_print_notification", printNotificationService);

/** Like core's `display_notification`, with a toast that is taken back when it is no longer true. */
registry.category("actions").add("label_print_notice", (env, { params }) => {
    env.services.label_print_notification.showNotice(params);
    return params.next;
});
