import { user } from "@web/core/user";

const { DateTime } = luxon;

/**
 * The context of a read whose sentences hold times.
 *
 * Odoo shows times in the zone of the browser, but the server writes those within a sentence, and knows only the zone
 * of the user's preferences. Where the two differ, as on a journey, the browser's goes with the call: what one person
 * sees on one screen agrees, and so does what counts as today.
 *
 * @param {Object} [context]
 * @returns {Object} the same context where both zones show the same time
 */
export function inBrowserZone(context = {}) {
    const here = DateTime.local();
    const isSame = Boolean(user.tz) && here.setZone(user.tz).offset === here.offset;
    return isSame ? context : { ...context, tz: here.zoneName };
}
