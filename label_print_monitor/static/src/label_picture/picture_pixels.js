// Also part of the evidence page, which has no web client: nothing of `@web` here.

/** White left beside what is drawn where a picture is cut, in dots. */
const MARGIN = 24;
const DARK = 128;

/**
 * The last column and row in which something is drawn.
 *
 * @param {{ data: Uint8ClampedArray, width: number, height: number }} pixels
 * @returns {{ right: number, bottom: number } | null} null where nothing is
 */
export function findEnds({ data, width, height }) {
    let [right, bottom] = [-1, -1];
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const place = 4 * (y * width + x);
            if (data[place] < DARK && data[place + 3] > DARK) {
                right = Math.max(right, x);
                bottom = y;
            }
        }
    }
    return bottom < 0 ? null : { right, bottom };
}

/**
 * A picture as it is shown: where the label's size is not known, without the white behind what is drawn.
 *
 * @param {string} png in base64
 * @param {{ cutsWidth: boolean, cutsLength: boolean }} options
 * @returns {Promise<{ url: string, width: number, height: number } | null>} null where nothing is drawn
 */
export async function cutPicture(png, { cutsWidth, cutsLength }) {
    const url = `data:image/png;base64,${png}`;
    const image = new Image();
    image.src = url;
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image;
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    const ends = findEnds(context.getImageData(0, 0, width, height));
    if (!ends) {
        return null;
    }
    const cut = {
        width: cutsWidth ? Math.min(width, ends.right + MARGIN) : width,
        height: cutsLength ? Math.min(height, ends.bottom + MARGIN) : height,
    };
    if (cut.width === width && cut.height === height) {
        return { url, width, height };
    }
    const part = document.createElement("canvas");
    Object.assign(part, cut);
    part.getContext("2d").drawImage(canvas, 0, 0);
    return { url: part.toDataURL("image/png"), ...cut };
}
