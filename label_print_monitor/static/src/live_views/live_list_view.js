import { registry } from "@web/core/registry";
import { listView } from "@web/views/list/list_view";
import { LiveControllerMixin } from "./live_controller_mixin";
import { LiveListRenderer } from "./live_list_renderer";
import { LiveModel } from "./live_model";

export class LiveListController extends LiveControllerMixin(listView.Controller) {
    static template = "label_print_monitor.LiveListView";
}

export const liveListView = {
    ...listView,
    Controller: LiveListController,
    Model: LiveModel,
    Renderer: LiveListRenderer,
};

registry.category("views").add("label_print_live_list", liveListView);
