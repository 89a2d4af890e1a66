import { Component } from "@odoo/owl";
import { hasTouch } from "@web/core/browser/feature_detection";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

export class AttentionPopover extends Component {
    static template = "label_print_monitor.AttentionPopover";
    static props = { text: String, close: { type: Function, optional: true } };
}

/**
 * A sign on a job that has not ended and that somebody should look at: it is stuck, or its status cannot be verified.
 * A job that has failed needs none, its status says it.
 *
 * The reason shows under a mouse as a tooltip, and by touch or the keyboard when the icon is pressed.
 */
export class AttentionField extends Component {
    static template = "label_print_monitor.AttentionField";
    static props = { ...standardFieldProps };

    setup() {
        this.popover = usePopover(AttentionPopover, { position: "bottom-start" });
    }

    /** @returns {{ icon: string, text: string } | null} */
    get sign() {
        const { attention_message: message, unverified_since: since } = this.props.record.data;
        if (message) {
            return { icon: "fa-exclamation-triangle text-warning", text: message };
        }
        if (since) {
            return {
                icon: "fa-question-circle text-info",
                text: _t("Unverified since %(time)s", { time: formatDateTime(since) }),
            };
        }
        return null;
    }

    /** @param {MouseEvent} ev */
    toggle(ev) {
        if (this.popover.isOpen) {
            this.popover.close();
        } else {
            this.popover.open(ev.currentTarget, { text: this.sign.text });
        }
    }

    /**
     * The list would open the row.
     *
     * @param {KeyboardEvent} ev
     */
    onKeydown(ev) {
        if (["Enter", " "].includes(ev.key)) {
            ev.stopPropagation();
        }
    }
}

export const attentionField = {
    component: AttentionField,
    supportedTypes: ["boolean"],
    fieldDependencies: [
        { name: "attention_message", type: "char", readonly: true },
        { name: "unverified_since", type: "datetime", readonly: true },
    ],
    listViewWidth: () => (hasTouch() ? 44 : 32),
};

registry.category("fields").add("label_print_attention", attentionField);
