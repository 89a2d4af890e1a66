import { useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

/**
 * The box and lot of each label of a job. They never change, are long and rarely looked at, so they are read once, when
 * somebody asks for them.
 *
 * @param {() => { names: import("./label_account").Names | undefined, jobId: number | false }} getSource names that are
 *   known already, else the job to ask about
 * @returns {{
 *   names: import("./label_account").Names | null,
 *   hasFailed: boolean,
 *   load: (isAskedFor?: boolean) => Promise<void>, tries again after a failure only when the user asks for names
 * }} reactive
 */
export function useLabelNames(getSource) {
    const orm = useService("orm");
    const state = useState({ jobId: false, names: null, hasFailed: false });
    let pending = null;

    async function load(isAskedFor = false) {
        const { names, jobId } = getSource();
        const isKnown = state.jobId === jobId && (state.names || (state.hasFailed && !isAskedFor));
        if (names || !jobId || isKnown) {
            return;
        }
        if (pending?.jobId === jobId) {
            return pending.promise;
        }
        const promise = orm.silent.call("label.print.job", "get_label_names", [[jobId]]);
        pending = { jobId, promise };
        try {
            const answer = await promise;
            if (pending?.jobId === jobId) {
                Object.assign(state, { jobId, names: answer, hasFailed: false });
            }
        } catch {
            // Without names the grid is as useful as before; who asked for them is told.
            if (pending?.jobId === jobId) {
                Object.assign(state, { jobId, names: null, hasFailed: true });
            }
        } finally {
            if (pending?.jobId === jobId) {
                pending = null;
            }
        }
    }

    return {
        load,
        get names() {
            const { names, jobId } = getSource();
            return names || (state.jobId === jobId ? state.names : null);
        },
        get hasFailed() {
            return state.hasFailed && state.jobId === getSource().jobId && !this.names;
        },
    };
}

/**
 * @param {import("@web/model/relational_model/record").Record} record a job, or a dialog about one
 * @param {string} jobField the dialog's many2one
 * @returns {number | false}
 */
export function getJobId(record, jobField) {
    return record.resModel === "label.print.job"
        ? record.resId
        : record.data[jobField]?.id || false;
}
