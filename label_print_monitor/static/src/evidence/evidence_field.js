import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** How it is known that labels are on paper: a sign and few words each, weakest first. */
const EVIDENCE_LOOKS = {
    reported: { icon: "fa-commenting-o", words: _t("Reported") },
    spooled: { icon: "fa-sign-in", words: _t("Spooled only") },
    confirmed: { icon: "fa-check-circle", words: _t("Confirmed") },
    checked: { icon: "fa-eye", words: _t("Seen on paper") },
};

/**
 * What proves that the labels of a job are on paper, in sign and words. Green only where it is as good as the settings
 * ask for.
 */
export class EvidenceField extends Component {
    static template = "label_print_monitor.EvidenceField";
    static props = { ...standardFieldProps };

    /** @returns {{ icon: string, words: string, title: string, isGood: boolean } | null} */
    get look() {
        const { data, fields } = this.props.record;
        const value = data[this.props.name];
        const look = EVIDENCE_LOOKS[value];
        if (!look) {
            return null;
        }
        const isGood = Boolean(data.evidence_suffices);
        const name = fields[this.props.name].selection.find(([key]) => key === value)?.[1] || "";
        const title = isGood
            ? name
            : _t("%(evidence)s: less than the settings ask for", { evidence: name });
        return { ...look, words: String(look.words), title: String(title), isGood };
    }
}

export const evidenceField = {
    component: EvidenceField,
    supportedTypes: ["selection"],
    fieldDependencies: [{ name: "evidence_suffices", type: "boolean", readonly: true }],
};

registry.category("fields").add("label_print_evidence", evidenceField);
