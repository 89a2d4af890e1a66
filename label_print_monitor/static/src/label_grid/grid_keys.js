/** Elements of one visual row differ by less than this in height, in pixels. */
const SAME_ROW = 4;

/**
 * Where a key leads in elements that flow over several rows.
 *
 * @param {HTMLElement[]} elements in reading order
 * @param {HTMLElement} current one of them
 * @param {{ key: string, ctrlKey: boolean }} ev
 * @param {boolean} isRightToLeft
 * @returns {HTMLElement | null} null for keys that do not move, and at the edges
 */
export function findNeighbour(elements, current, { key, ctrlKey }, isRightToLeft) {
    const position = elements.indexOf(current);
    switch (key) {
        case "ArrowRight":
            return elements[position + (isRightToLeft ? -1 : 1)] || null;
        case "ArrowLeft":
            return elements[position + (isRightToLeft ? 1 : -1)] || null;
        case "Home":
            return (ctrlKey ? elements : getRow(elements, current))[0];
        case "End":
            return (ctrlKey ? elements : getRow(elements, current)).at(-1);
        case "ArrowDown":
            return getNearest(elements, current, (top, own) => top - own);
        case "ArrowUp":
            return getNearest(elements, current, (top, own) => own - top);
        default:
            return null;
    }
}

function getRow(elements, current) {
    const { top } = current.getBoundingClientRect();
    return elements.filter(
        (element) => Math.abs(element.getBoundingClientRect().top - top) < SAME_ROW
    );
}

/** @param {(top: number, own: number) => number} measure how far a row lies ahead */
function getNearest(elements, current, measure) {
    const own = current.getBoundingClientRect();
    const ahead = elements
        .map((element) => ({ element, rect: element.getBoundingClientRect() }))
        .filter(({ rect }) => measure(rect.top, own.top) >= SAME_ROW);
    const rowDistance = Math.min(...ahead.map(({ rect }) => measure(rect.top, own.top)));
    let nearest = null;
    for (const { element, rect } of ahead) {
        const sideways = Math.abs(rect.left - own.left);
        const isInNextRow = measure(rect.top, own.top) - rowDistance < SAME_ROW;
        if (isInNextRow && (!nearest || sideways < nearest.sideways)) {
            nearest = { element, sideways };
        }
    }
    return nearest?.element || null;
}
