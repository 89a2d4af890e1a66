import { browser } from "@web/core/browser/browser";
import { SIZES } from "@web/core/ui/ui_service";
import { ListRenderer } from "@web/views/list/list_renderer";

/**
 * On a tablet, columns that may be hidden are, until the user asks for them: the buttons at the end of a row must be in
 * reach of a finger without scrolling sideways.
 */
export class LiveListRenderer extends ListRenderer {
    computeOptionalActiveFields() {
        const active = super.computeOptionalActiveFields();
        const hasChosen = browser.localStorage.getItem(this.keyOptionalFields) !== null;
        if (hasChosen || this.uiService.size > SIZES.MD) {
            return active;
        }
        return Object.fromEntries(Object.keys(active).map((name) => [name, false]));
    }
}
