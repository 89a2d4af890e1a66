import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";
import { LiveControllerMixin } from "./live_controller_mixin";
import { LiveModel } from "./live_model";

export class LiveFormController extends LiveControllerMixin(formView.Controller) {
    static template = "label_print_monitor.LiveFormView";
}

export const liveFormView = { ...formView, Controller: LiveFormController, Model: LiveModel };

registry.category("views").add("label_print_live_form", liveFormView);
