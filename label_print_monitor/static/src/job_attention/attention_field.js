import { Component } from "@odoo/owl";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * A sign on a job that has not ended and that somebody should look at: it is stuck, or its status cannot be verified.
 * A job that has failed needs none, its status says it.
 */
export class AttentionField extends Component {
    static template = "label_print_monitor.AttentionField";
    static props = { ...standardFieldProps };

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
}

export const attentionField = {
    component: AttentionField,
    supportedTypes: ["boolean"],
    fieldDependencies: [
        { name: "attention_message", type: "char", readonly: true },
        { name: "unverified_since", type: "datetime", readonly: true },
    ],
    listViewWidth: 32,
    label: false,
};

registry.category("fields").add("label_print_attention", attentionField);
