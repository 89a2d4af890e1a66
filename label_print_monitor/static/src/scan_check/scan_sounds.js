import { browser } from "@web/core/browser/browser";

let context;

/** [pitch in Hz, when it begins, when it ends in seconds, form]: one short high tone is right, two low ones are wrong. */
const RIGHT = [[1320, 0, 0.12, "sine"]];
const WRONG = [
    [220, 0, 0.2, "square"],
    [180, 0.28, 0.6, "square"],
];
const VOLUME = 0.25;

/**
 * Let whoever looks at the box hear whether it was right. A browser without sound, or that plays none before a key was
 * pressed, stays quiet: colour and words say the same.
 *
 * @param {boolean} isRight
 */
export function playVerdict(isRight) {
    try {
        if (!isRight) {
            browser.navigator.vibrate?.([120, 80, 240]);
        }
        const Context = window.AudioContext || window.webkitAudioContext;
        if (!Context) {
            return;
        }
        context ||= new Context();
        context.resume?.()?.catch?.(() => {});
        for (const [pitch, begin, end, form] of isRight ? RIGHT : WRONG) {
            const tone = context.createOscillator();
            const volume = context.createGain();
            tone.type = form;
            tone.frequency.value = pitch;
            volume.gain.value = VOLUME;
            tone.connect(volume).connect(context.destination);
            tone.start(context.currentTime + begin);
            tone.stop(context.currentTime + end);
        }
    } catch (error) {
        console.warn("label_print_monitor: no sound:", error.message);
    }
}
