/**
 * Answers may come in another order than they were asked for: one that took long must not replace a newer one.
 *
 * @returns {() => () => boolean} to be called before each question; what it returns is called once the answer is there,
 *   and says whether to show it: false when that of a later question is shown already
 */
export function makeNewestAnswer() {
    let asked = 0;
    let shown = 0;
    return () => {
        const turn = ++asked;
        return () => {
            if (turn < shown) {
                return false;
            }
            shown = turn;
            return true;
        };
    };
}
