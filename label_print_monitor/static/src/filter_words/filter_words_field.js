import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Of longer lists of values the first ones are named. */
const MOST_VALUES = 10;

/**
 * A filter that was kept as JSON, in the words of core's filter editor: what an export or a verification was about.
 * Its values may be gone since; the filter itself is a tooltip.
 */
export class FilterWordsField extends Component {
    static template = "label_print_monitor.FilterWordsField";
    static props = { ...standardFieldProps, resModel: { type: String } };

    setup() {
        this.treeProcessor = useService("tree_processor");
        this.state = useState({ words: "" });
        useRecordObserver(async (record, props) => {
            this.state.words = await this.inWords(record.data[props.name], props.resModel);
        });
    }

    get kept() {
        return this.props.record.data[this.props.name] || "";
    }

    /**
     * @param {string} kept the filter, as JSON
     * @param {string} resModel of what it filters
     * @returns {Promise<string>}
     */
    async inWords(kept, resModel) {
        try {
            const tree = await this.treeProcessor.treeFromDomain(resModel, JSON.parse(kept));
            const isAll = tree.type === "connector" && tree.value === "&" && !tree.negate;
            const parts = (isAll ? tree.children : [tree]).filter(
                (part) => !isTrue(part) && !asksForArchived(part)
            );
            const words = await Promise.all(parts.map((part) => this.partInWords(part, resModel)));
            return words.join(" · ") || _t("All print jobs");
        } catch {
            return _t("This filter can no longer be read: %(filter)s", { filter: kept });
        }
    }

    /**
     * @param {Object} part a tree of core's filter editor
     * @param {string} resModel of what it filters
     * @returns {Promise<string>}
     */
    partInWords(part, resModel) {
        if (isFalse(part)) {
            return _t("No print job");
        }
        if (isSelection(part)) {
            return _t("Selected in the list: %(count)s", { count: part.value.length });
        }
        return this.treeProcessor.getDomainTreeDescription(resModel, part, true, MOST_VALUES);
    }
}

/** @param {Object} part a tree of core's filter editor */
function isTrue({ type, path, operator, value }) {
    return type === "condition" && path === 1 && operator === "=" && value === 1;
}

/** @param {Object} part a tree of core's filter editor */
function isFalse({ type, path, operator, value }) {
    return type === "condition" && path === 0 && operator === "=" && value === 1;
}

/**
 * Says only that archived ones are found, too.
 *
 * @param {Object} part a tree of core's filter editor
 */
function asksForArchived({ type, path, operator, value }) {
    return (
        type === "condition" &&
        path === "active" &&
        operator === "in" &&
        Array.isArray(value) &&
        value.includes(true) &&
        value.includes(false)
    );
}

/** @param {Object} part a tree of core's filter editor */
function isSelection({ type, path, operator, negate, value }) {
    return (
        type === "condition" &&
        path === "id" &&
        operator === "in" &&
        !negate &&
        Array.isArray(value)
    );
}

export const filterWordsField = {
    component: FilterWordsField,
    displayName: _t("Filter in Words"),
    supportedTypes: ["text", "char"],
    supportedOptions: [{ label: _t("Model"), name: "model", type: "string" }],
    extractProps: ({ options }) => ({ resModel: options.model }),
    isEmpty: () => false,
};

registry.category("fields").add("label_print_filter_words", filterWordsField);
