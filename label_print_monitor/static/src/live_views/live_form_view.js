import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";
import { LiveControllerMixin } from "./live_controller_mixin";
import { LiveModel } from "./live_model";

/** What of a record has to change for its chatter to be read again: progress alone writes and asks nothing there. */
const TOLD_IN_CHATTER = ["status", "set_aside_date"];

export class LiveFormController extends LiveControllerMixin(formView.Controller) {
    static template = "label_print_monitor.LiveFormView";

    /** @override */
    async readAgain(changes) {
        const before = this.chatterKey;
        const outcome = await super.readAgain(changes);
        if (this.chatterKey !== before) {
            await this.readChatter();
        }
        return outcome;
    }

    /** @returns {string} names the record and what its chatter tells of it */
    get chatterKey() {
        const { resId, data } = this.model.root;
        return JSON.stringify([resId, ...TOLD_IN_CHATTER.map((name) => String(data[name]))]);
    }

    /** Messages and activities too: what was asked of somebody may be done, and an activity be gone. */
    async readChatter() {
        const { resId, resModel } = this.model.root;
        if (resId && this.mailStore && this.props.archInfo.xmlDoc.querySelector("chatter")) {
            const thread = this.mailStore.Thread.insert({ model: resModel, id: resId });
            await thread.fetchThreadData(["activities", "messages"]);
        }
    }
}

export const liveFormView = { ...formView, Controller: LiveFormController, Model: LiveModel };

registry.category("views").add("label_print_live_form", liveFormView);
