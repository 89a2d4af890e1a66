import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";

/** What each tile says and how it looks when there is something to see, in reading order. */
const TILES = [
    { name: "printing", label: _t("Printing now"), icon: "fa-print", color: "info" },
    { name: "waiting", label: _t("In queue"), icon: "fa-clock-o", color: "secondary" },
    {
        name: "attention",
        label: _t("Need attention"),
        icon: "fa-exclamation-triangle",
        color: "warning",
    },
    { name: "failed_today", label: _t("Failed today"), icon: "fa-times-circle", color: "danger" },
    { name: "labels_today", label: _t("Labels today"), icon: "fa-tags", color: "success" },
    {
        name: "printers_offline",
        label: _t("Printers not ready"),
        icon: "fa-power-off",
        color: "danger",
    },
];

/**
 * @param {Object} tiles what `get_overview` says of them, by name
 * @returns {Object[]} those that it names, in reading order, with their words and looks
 */
export function describeTiles(tiles) {
    return TILES.filter(({ name }) => tiles[name]).map((tile) => ({
        ...tile,
        ...tiles[tile.name],
        count: formatInteger(tiles[tile.name].value),
        isQuiet: !tiles[tile.name].value,
        // Green says that all is well: not where labels are known less well than the settings ask for.
        color: tiles[tile.name].note ? "secondary" : tile.color,
    }));
}
