// Also part of the evidence page, which has no web client: nothing of `@web` here.
import { drawLabel, PictureError } from "./label_renderer";
import { cutPicture } from "./picture_pixels";

/**
 * What is shown of a label: its pictures, or in words why there is none.
 *
 * @param {Object} read what `get_label_picture` returned
 * @returns {Promise<{ pictures: { url: string, width: number, height: number }[], problem: string }>} never rejects
 */
export async function makePictures(read) {
    if (read.problem) {
        return { pictures: [], problem: read.problem };
    }
    try {
        const options = { cutsWidth: read.cuts_width, cutsLength: read.cuts_length };
        const drawn = await drawLabel(read);
        const pictures = (await Promise.all(drawn.map((png) => cutPicture(png, options)))).filter(
            Boolean
        );
        if (!pictures.length) {
            throw new PictureError("blank");
        }
        return { pictures, problem: "" };
    } catch (error) {
        const known =
            error instanceof PictureError ? error : new PictureError("not_drawn", error.message);
        return { pictures: [], problem: known.explain(read.words) };
    }
}

/** What the picture is to who does not see it. */
export function describePicture({ words, name, says }) {
    return [words.alt, name, says && `${words.alt_says} ${says}`].filter(Boolean).join(" ");
}
