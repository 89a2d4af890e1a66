import { Component, useRef, useState } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { toRows } from "./label_account";
import { findNeighbour } from "./grid_keys";
import { getLabelLook } from "./label_looks";

/** So many labels have room for squares of the size of a touch target, with their number in them. */
const MOST_LARGE = 60;
const MOST_MEDIUM = 200;
const ROW_LENGTH = 10;

/**
 * Labels as a grid of small squares, each with a sign, a colour and its whole name for a screen reader.
 *
 * One tab stop: the arrow keys move within, Enter or the space bar is a click. Squares keep their element, and with it
 * the focus, when new values come.
 */
export class LabelSquares extends Component {
    static template = "label_print_monitor.LabelSquares";
    static props = {
        /** `{ key, title, labels }`: see `groupLabels`; `title` "" for none */
        groups: Array,
        ariaLabel: String,
        /** (label) => text for a screen reader */
        describe: Function,
        /** (label) => text for a tooltip */
        hint: Function,
        /** (index, { shiftKey, target }) */
        onPick: Function,
        /** called with each hover and focus */
        onHoverOrFocus: { type: Function, optional: true },
        /** numbers that are chosen; without it nothing can be chosen */
        chosen: { type: Set, optional: true },
        /** numbers that can be chosen, null for all */
        allowed: { type: [Set, { value: null }], optional: true },
        /** the label whose story is open */
        openIndex: { type: [Number, { value: null }], optional: true },
    };

    setup() {
        this.grid = useRef("grid");
        this.state = useState({ focusIndex: null });
    }

    get total() {
        return this.props.groups.reduce((sum, group) => sum + group.labels.length, 0);
    }

    get size() {
        return this.total <= MOST_LARGE ? "large" : this.total <= MOST_MEDIUM ? "medium" : "small";
    }

    get groups() {
        const { groups } = this.props;
        const all = groups.flatMap((group) => group.labels);
        const hasFocusIndex = all.some((label) => label.index === this.state.focusIndex);
        const tabStop = hasFocusIndex ? this.state.focusIndex : all[0]?.index;
        return groups.map((group) => ({
            ...group,
            rows: toRows(group.labels, ROW_LENGTH).map((labels) => ({
                key: labels[0].index,
                cells: labels.map((label) => this.makeCell(label, tabStop)),
            })),
        }));
    }

    makeCell(label, tabStop) {
        const { chosen, allowed, describe, hint, openIndex } = this.props;
        const look = getLabelLook(label.state);
        return {
            index: label.index,
            icon: look.icon,
            look: look.name,
            name: describe(label),
            // A tooltip would lie over the story.
            hint: label.index === openIndex ? undefined : hint(label),
            copies: label.copies,
            tabIndex: label.index === tabStop ? "0" : "-1",
            isSelected: chosen ? String(chosen.has(label.index)) : undefined,
            isBarred: Boolean(chosen && allowed && !allowed.has(label.index)),
            isExpanded: chosen ? undefined : String(label.index === openIndex),
        };
    }

    /** @param {number} index */
    focus(index) {
        this.findSquare(index)?.focus();
    }

    findSquare(index) {
        return this.grid.el?.querySelector(`[data-index="${index}"]`);
    }

    onFocusin(ev) {
        const square = ev.target.closest("[data-index]");
        if (square) {
            this.state.focusIndex = Number(square.dataset.index);
        }
        this.props.onHoverOrFocus?.();
    }

    onClick(ev) {
        const square = ev.target.closest("[data-index]");
        if (square && square.getAttribute("aria-disabled") !== "true") {
            this.props.onPick(Number(square.dataset.index), {
                shiftKey: ev.shiftKey,
                target: square,
            });
        }
    }

    onKeydown(ev) {
        const square = ev.target.closest("[data-index]");
        if (!square || ev.altKey || ev.metaKey) {
            return;
        }
        if (["Enter", " "].includes(ev.key)) {
            ev.preventDefault();
            ev.stopPropagation();
            this.onClick(ev);
            return;
        }
        const squares = [...this.grid.el.querySelectorAll("[data-index]")];
        const next = findNeighbour(squares, square, ev, localization.direction === "rtl");
        if (next) {
            ev.preventDefault();
            ev.stopPropagation();
            next.focus();
        }
    }
}
