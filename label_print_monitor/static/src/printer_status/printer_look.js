/**
 * How a printer's state looks everywhere: an icon and a colour that say the same, so that neither is needed alone.
 * The words come from the server, in the reader's language.
 */
export const PRINTER_LOOKS = {
    online: { icon: "fa-check-circle", color: "success" },
    busy: { icon: "fa-print", color: "info" },
    attention: { icon: "fa-exclamation-triangle", color: "warning", isTrouble: true },
    offline: { icon: "fa-power-off", color: "danger", isTrouble: true },
    unknown: { icon: "fa-question-circle", color: "secondary", isTrouble: true },
};

/** @param {string} status */
export function getPrinterLook(status) {
    return PRINTER_LOOKS[status] || PRINTER_LOOKS.unknown;
}
