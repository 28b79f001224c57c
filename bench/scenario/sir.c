/* The SIR sample by hand, over blocks of 64 members: the bound that an engine is measured against.
   cc -O3 -march=native -ffp-contract=off -o sir sir.c -lm && ./sir MEMBERS REPEATS [OUT] [one] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { W = 64, STEPS = 3200 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static double grid(int member, double low, double high, double base) {
    double whole;
    return low + (high - low) * modf(member * base, &whole);
}

/* rows: saved time, stock, member of the block */
static void block(const double *restrict infectivity, const double *restrict duration,
                  double *restrict rows) {
    const double dt = 0.03125, total = 1000.0;
    double s[W], i[W], r[W];
    for (int m = 0; m < W; m++) { s[m] = total; i[m] = 5.0; r[m] = 0.0; }
    for (int step = 0; step <= STEPS; step++) {
        memcpy(rows, s, sizeof s);
        memcpy(rows + W, i, sizeof i);
        memcpy(rows + 2 * W, r, sizeof r);
        rows += 3 * W;
        for (int m = 0; m < W; m++) {
            double succumbing = s[m] * i[m] / total * infectivity[m];
            double recovering = i[m] / duration[m];
            s[m] -= dt * succumbing;
            i[m] += dt * (succumbing - recovering);
            r[m] += dt * recovering;
        }
    }
}

static void one(double infectivity, double duration, double *restrict rows) {
    const double dt = 0.03125, total = 1000.0;
    double s = total, i = 5.0, r = 0.0;
    for (int step = 0; step <= STEPS; step++) {
        rows[0] = s; rows[1] = i; rows[2] = r;
        rows += 3;
        double succumbing = s * i / total * infectivity;
        double recovering = i / duration;
        s -= dt * succumbing;
        i += dt * (succumbing - recovering);
        r += dt * recovering;
    }
}

int main(int argc, char **argv) {
    int members = atoi(argv[1]), repeats = atoi(argv[2]);
    int single = argc > 4 && strcmp(argv[4], "one") == 0;
    int blocks = (members + W - 1) / W;
    size_t size = (size_t)blocks * W * 3 * (STEPS + 1);
    double *rows = calloc(size, sizeof *rows);
    double *infectivity = calloc((size_t)blocks * W, sizeof *infectivity);
    double *duration = calloc((size_t)blocks * W, sizeof *duration);
    for (int m = 0; m < blocks * W; m++) {
        int k = m < members ? m : members - 1;
        infectivity[m] = grid(k, 0.2, 0.5, 0.6180339887498949);
        duration[m] = grid(k, 3.0, 8.0, 0.7548776662466927);
    }
    for (int repeat = 0; repeat < repeats; repeat++) {
        double begun = now();
        if (single)
            for (int m = 0; m < members; m++)
                one(infectivity[m], duration[m], rows + (size_t)m * 3 * (STEPS + 1));
        else
            for (int b = 0; b < blocks; b++)
                block(infectivity + b * W, duration + b * W, rows + (size_t)b * W * 3 * (STEPS + 1));
        printf("run %d: %.5f ms per member\n", repeat, (now() - begun) / members);
    }
    if (argc > 3 && !single) {
        FILE *out = fopen(argv[3], "w");
        for (int m = 0; m < members; m++) {
            double *last = rows + ((size_t)(m / W) * (STEPS + 1) + STEPS) * 3 * W + m % W;
            fprintf(out, "%.17g %.17g %.17g\n", last[0], last[W], last[2 * W]);
        }
        fclose(out);
    }
    return 0;
}
