import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { LiveControllerMixin } from "./live_controller_mixin";
import { LiveModel } from "./live_model";

export class LiveKanbanController extends LiveControllerMixin(kanbanView.Controller) {
    static template = "label_print_monitor.LiveKanbanView";
}

export const liveKanbanView = { ...kanbanView, Controller: LiveKanbanController, Model: LiveModel };

registry.category("views").add("label_print_live_kanban", liveKanbanView);
