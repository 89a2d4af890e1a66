import { onWillRender, useExternalListener } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { shallowEqual } from "@web/core/utils/objects";
import { useDebounced } from "@web/core/utils/timing";
import { ListRenderer } from "@web/views/list/list_renderer";
import { LiveListRow } from "./live_list_row";
import { SearchedHelp } from "./searched_help";

/** Wider than a tablet that is held upright. */
const WIDE = 992;

/**
 * Columns by importance: an optional column shows by itself in a window of at least the width that its option
 * `from_width` says, so that those that matter more are not cut; without the option on anything wider than a tablet.
 * The buttons at the end of a row must be reached by touch without scrolling sideways. Whoever has chosen columns
 * keeps them on every width.
 */
export class LiveListRenderer extends ListRenderer {
    static components = { ...ListRenderer.components, ActionHelper: SearchedHelp, LiveListRow };
    static recordRowTemplate = "label_print_monitor.LiveListRow";
    /** What a row draws itself by. */
    static rowTemplate = ListRenderer.recordRowTemplate;

    setup() {
        this.shared = [];
        // What is registered first runs last: after Odoo has chosen the columns.
        onWillRender(() => {
            const shared = this.describeShared();
            if (!shallowEqual(shared, this.shared)) {
                this.shared = shared;
            }
        });
        super.setup();
        const onResize = useDebounced(() => this.render(), 100);
        useExternalListener(window, "resize", onResize);
    }

    /** All that a row is drawn by besides its own record: when something of it changes, every row is rendered. */
    describeShared() {
        return [
            this.editedRecord?.id,
            this.canSelectRecord,
            this.hasSelectors,
            this.hasOpenFormViewColumn,
            this.displayOptionalFields,
            this.canResequenceRows,
            this.isX2Many,
            this.props.list.isGrouped,
            this.props.list.model.multiEdit,
            this.props.readonly,
            this.props.editable,
            this.props.archInfo,
            this.activeActions,
            ...this.columns,
        ];
    }

    /** A column that has just been chosen, or for which the window is wide enough now, shows when it has been read. */
    getActiveColumns() {
        const columns = super.getActiveColumns();
        const { model } = this.props.list;
        const unread = columns.filter(({ name }) => model.unread?.has(name));
        if (!unread.length) {
            return columns;
        }
        model.readColumns(unread.map(({ name }) => name));
        return columns.filter((column) => !unread.includes(column));
    }

    computeOptionalActiveFields() {
        const active = super.computeOptionalActiveFields();
        if (browser.localStorage.getItem(this.keyOptionalFields) !== null) {
            return active;
        }
        for (const { name, optional, options } of this.allColumns) {
            if (optional === "show") {
                active[name] = browser.innerWidth >= (options?.from_width ?? WIDE);
            }
        }
        return active;
    }
}
