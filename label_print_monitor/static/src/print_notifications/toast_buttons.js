import { _t } from "@web/core/l10n/translation";

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

function makeOpenIncidentAction(incidentId) {
    return {
        type: "ir.actions.act_window",
        res_model: "label.print.incident",
        res_id: incidentId,
        views: [[false, "form"]],
        target: "current",
    };
}

/** What each button is called and does; the first opens something, the primary one is the next step. */
function describeButtons(payload) {
    const { incident_id: incidentId, url, retryable, job_ids: jobIds = [] } = payload;
    if (incidentId) {
        return [
            { name: _t("Open incident"), opens: makeOpenIncidentAction(incidentId) },
            retryable && {
                name: _t("Retry what it stopped"),
                calls: ["label.print.incident", "action_retry_stopped", [[incidentId]]],
            },
        ];
    }
    if (url) {
        const opens = { type: "ir.actions.act_url", url, target: "self" };
        return [{ name: _t("Download"), opens, primary: true }];
    }
    if (!jobIds.length) {
        return [];
    }
    return [
        {
            name: jobIds.length === 1 ? _t("Open job") : _t("Open jobs"),
            opens: makeOpenJobsAction(jobIds),
        },
        retryable && { name: _t("Retry"), calls: ["label.print.job", "action_retry", [jobIds]] },
    ];
}

/**
 * The buttons of a toast. Each closes it.
 *
 * @param {Object} payload as it comes by the bus
 * @param {{ action: Object, orm: Object, close: () => void }} services and what closes the toast
 */
export function makeToastButtons(payload, { action, orm, close }) {
    return describeButtons(payload)
        .filter(Boolean)
        .map(({ name, opens, calls, primary = Boolean(calls) }) => ({
            name,
            primary,
            onClick: async () => {
                close();
                const next = opens || (await orm.call(...calls));
                if (next) {
                    await action.doAction(next);
                }
            },
        }));
}
