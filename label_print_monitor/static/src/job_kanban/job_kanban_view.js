import { registry } from "@web/core/registry";
import { liveKanbanView } from "../live_views/live_kanban_view";
import { LiveModel } from "../live_views/live_model";

/** Columns as a job goes through them; what asks for a person comes before what is done. */
const ORDER = [
    "pending",
    "sent",
    "queued",
    "printing",
    "failed",
    "completed_with_errors",
    "completed",
    "cancelled",
];

export class JobKanbanModel extends LiveModel {
    async _webReadGroup(config) {
        const result = await super._webReadGroup(...arguments);
        if (config.groupBy[0] === "status") {
            const rank = ({ status }) => ORDER.indexOf(status);
            result.groups.sort((left, right) => rank(left) - rank(right));
        }
        return result;
    }
}

export const jobKanbanView = { ...liveKanbanView, Model: JobKanbanModel };

registry.category("views").add("label_print_job_kanban", jobKanbanView);
