import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { makeOpenJobsAction } from "../print_notifications/toast_buttons";

/**
 * What came of an action on many jobs: as `display_notification`, with a button that opens those that are left.
 *
 * @returns {Object | undefined} the next action, as `display_notification` returns it
 */
export function showSelectionSummary(env, { params }) {
    const jobIds = params.job_ids || [];
    const close = env.services.notification.add(params.message, {
        title: params.title,
        type: params.type,
        sticky: params.sticky,
        className: "o_label_print_toast",
        buttons: [
            {
                name: jobIds.length === 1 ? _t("Open job") : _t("Open these jobs"),
                onClick: () => {
                    close();
                    env.services.action.doAction(makeOpenJobsAction(jobIds));
                },
            },
        ],
    });
    return params.next;
}

registry.category("actions").add("label_print_monitor.summary", showSelectionSummary);
