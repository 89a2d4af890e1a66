import { registry } from "@web/core/registry";
import { orderByToString } from "@web/search/utils/order_by";
import { listView } from "@web/views/list/list_view";
import { LiveControllerMixin } from "./live_controller_mixin";
import { LiveListRenderer } from "./live_list_renderer";
import { LiveModel } from "./live_model";
import { unreadColumns } from "./unread_columns";

export class LiveListController extends LiveControllerMixin(listView.Controller) {
    static template = "label_print_monitor.LiveListView";

    get modelParams() {
        const params = super.modelParams;
        return { ...params, unread: unreadColumns(this.archInfo, this.env, params.config) };
    }

    /** An export has the order of the list, of which the server knows only how it was sorted at first. */
    beforeExecuteActionButton(clickParams) {
        if (clickParams.buttonContext) {
            clickParams.buttonContext.active_order = orderByToString(this.model.root.orderBy);
        }
        return super.beforeExecuteActionButton(...arguments);
    }
}

export const liveListView = {
    ...listView,
    Controller: LiveListController,
    Model: LiveModel,
    Renderer: LiveListRenderer,
};

registry.category("views").add("label_print_live_list", liveListView);
