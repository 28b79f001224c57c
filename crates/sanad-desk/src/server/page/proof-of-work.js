"use strict";
(() => {
    var _a;
    const TURN = 20;
    const REST = 10;
    const TRIES = 256;
    const form = document.querySelector("form[data-puzzle]");
    const field = form === null || form === void 0 ? void 0 : form.elements.namedItem("work");
    const runs = document.getElementById("work-runs");
    const done = document.getElementById("work-done");
    if (!form || !(field instanceof HTMLInputElement) || !runs || !done)
        return;
    const puzzle = (_a = form.dataset["puzzle"]) !== null && _a !== void 0 ? _a : "";
    const bits = Number(form.dataset["bits"]);
    const K = new Int32Array([
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ]);
    const H0 = 0x6a09e667;
    const H1 = 0xbb67ae85 | 0;
    const H2 = 0x3c6ef372;
    const H3 = 0xa54ff53a | 0;
    const H4 = 0x510e527f;
    const H5 = 0x9b05688c | 0;
    const H6 = 0x1f83d9ab;
    const H7 = 0x5be0cd19;
    const W = new Int32Array(64);
    function firstWord() {
        for (let t = 16; t < 64; t++) {
            const x = W[t - 15];
            const y = W[t - 2];
            const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
            const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
            W[t] = W[t - 16] + s0 + W[t - 7] + s1;
        }
        let a = H0;
        let b = H1;
        let c = H2;
        let d = H3;
        let e = H4;
        let f = H5;
        let g = H6;
        let h = H7;
        for (let t = 0; t < 64; t++) {
            const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
            const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[t] + W[t]) | 0;
            const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
            const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
            h = g;
            g = f;
            f = e;
            e = (d + t1) | 0;
            d = c;
            c = b;
            b = a;
            a = (t1 + t2) | 0;
        }
        return (a + H0) | 0;
    }
    function word(text, place) {
        let value = 0;
        for (let next = place; next < place + 4; next++)
            value = (value << 8) | text.charCodeAt(next);
        return value;
    }
    function isAnswer(answer) {
        const letters = puzzle + answer;
        for (let t = 0; t < 12; t++)
            W[t] = word(letters, 4 * t);
        W[12] = 0x80000000 | 0;
        W[13] = W[14] = 0;
        W[15] = 8 * letters.length;
        return firstWord() >>> (32 - bits) === 0;
    }
    const hex = (number) => ("000000000000000" + number.toString(16)).slice(-16);
    let next = 0;
    function turn() {
        const end = Date.now() + TURN;
        do {
            for (let tries = 0; tries < TRIES; tries++, next++) {
                const answer = hex(next);
                if (isAnswer(answer))
                    return finish(answer);
            }
        } while (Date.now() < end);
        setTimeout(turn, REST);
    }
    function finish(answer) {
        field.value = answer;
        runs.hidden = true;
        done.hidden = false;
    }
    if (puzzle.length !== 32 || !(bits >= 1 && bits <= 32))
        return;
    if (isAnswer(field.value))
        return finish(field.value);
    runs.hidden = false;
    setTimeout(turn, REST);
})();
