import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { claimToast } from "./toast_election";

export const NOTIFICATION = "label_print_notification";

const TYPES = ["success", "danger", "warning", "info"];
const READING_TIME = 6000;

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

/** A toast that closes by itself must not do so before anybody looks at the tab. */
function untilSeen() {
    if (!document.hidden) {
        return;
    }
    return new Promise((resolve) => {
        document.addEventListener("visibilitychange", resolve, { once: true });
    });
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

        async function onNotification(payload, { id } = {}) {
            const key = payload.key || `bus_${id}`;
            if (!(await claimToast(key, tab))) {
                return;
            }
            if (!payload.sticky) {
                await untilSeen();
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
        }

        bus.subscribe(NOTIFICATION, onNotification);
        bus.start();
    },
};

registry.category("services").add("label_print_notification", printNotificationService);
