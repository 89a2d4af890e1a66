import { registry } from "@web/core/registry";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { LiveControllerMixin } from "./live_controller_mixin";
import { LiveModel } from "./live_model";
import { SearchedHelp } from "./searched_help";

export class LiveKanbanController extends LiveControllerMixin(kanbanView.Controller) {
    static template = "label_print_monitor.LiveKanbanView";
}

export class LiveKanbanRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, ActionHelper: SearchedHelp };
}

export const liveKanbanView = {
    ...kanbanView,
    Controller: LiveKanbanController,
    Model: LiveModel,
    Renderer: LiveKanbanRenderer,
};

registry.category("views").add("label_print_live_kanban", liveKanbanView);
