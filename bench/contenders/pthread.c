// C's side of the questions: `pthread pair`, or `pthread contended THREADS`; see lib/contender.mjs for how it is asked.
#define _GNU_SOURCE
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

// As in lib/stats.mjs.
#define BUCKETS_PER_DOUBLING 8
#define BUCKETS (40 * BUCKETS_PER_DOUBLING)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static void pair(void) {
  long turns = 1000;
  double ms;
  while (scanf("%lf", &ms) == 1) {
    for (;;) {
      double start = now_ns();
      for (long i = 0; i < turns; i++) {
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
      }
      double took = now_ns() - start;
      if (took >= ms * 1e6 / 2) {
        printf("%f\n", took / turns);
        fflush(stdout);
        break;
      }
      turns *= 2;
    }
  }
}

// As in lib/work.mjs.
static uint32_t work(long turns, uint32_t x) {
  for (long i = 0; i < turns; i++) {
    x = x * 1664525u + 1013904223u;
    __asm__ volatile("" : "+r"(x));
  }
  return x;
}

static double turns_per_ns(void) {
  double best = INFINITY;
  uint32_t x = 1;
  for (int i = 0; i < 50; i++) {
    double start = now_ns();
    x = work(200000, x);
    double took = now_ns() - start;
    if (took < best) best = took;
  }
  return 200000 / best;
}

struct thread {
  pthread_t id;
  long long operations;
  double longest;
  uint32_t buckets[BUCKETS];
  char apart[64];
};

static atomic_int stop, arrived, go;
static long turns;
static int each;
static long long shared;
static uint32_t seed = 1;

static void *contend(void *argument) {
  struct thread *me = argument;
  atomic_fetch_add(&arrived, 1);
  while (!atomic_load(&go)) sched_yield();
  while (!atomic_load(&stop)) {
    double start = each ? now_ns() : 0;
    pthread_mutex_lock(&mutex);
    if (each) {
      double waited = now_ns() - start;
      int bucket = waited < 1 ? 0 : (int)(log2(waited) * BUCKETS_PER_DOUBLING) + 1;
      me->buckets[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
      if (waited > me->longest) me->longest = waited;
    }
    shared++;
    seed = work(turns, seed);
    pthread_mutex_unlock(&mutex);
    me->operations++;
  }
  return NULL;
}

static double cpu_ms(struct rusage *r) {
  return (r->ru_utime.tv_sec + r->ru_stime.tv_sec) * 1e3 + (r->ru_utime.tv_usec + r->ru_stime.tv_usec) / 1e3;
}

// Answers as contended.mjs does.
static void contended(int most) {
  struct thread *threads = calloc(most, sizeof *threads);
  double rate = turns_per_ns();
  int count;
  double section, ignored, window;
  while (scanf("%d %lf %lf %lf %d", &count, &section, &ignored, &window, &each) == 5) {
    memset(threads, 0, most * sizeof *threads);
    turns = (long)(section * rate);
    shared = 0;
    atomic_store(&stop, 0);
    atomic_store(&go, 0);
    atomic_store(&arrived, 0);
    for (int i = 0; i < count; i++) pthread_create(&threads[i].id, NULL, contend, &threads[i]);
    while (atomic_load(&arrived) < count) usleep(100);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    double start = now_ns();
    atomic_store(&go, 1);
    usleep((useconds_t)(window * 1000));
    atomic_store(&stop, 1);
    for (int i = 0; i < count; i++) pthread_join(threads[i].id, NULL);
    double elapsed = (now_ns() - start) / 1e6;
    getrusage(RUSAGE_SELF, &after);
    long long operations = 0;
    double longest = 0;
    printf("{\"counts\":[");
    for (int i = 0; i < count; i++) {
      printf(i ? ",%lld" : "%lld", threads[i].operations);
      operations += threads[i].operations;
      if (threads[i].longest > longest) longest = threads[i].longest;
    }
    printf("],\"buckets\":[");
    for (int b = 0; b < BUCKETS; b++) {
      unsigned long sum = 0;
      for (int i = 0; i < count; i++) sum += threads[i].buckets[b];
      printf(b ? ",%lu" : "%lu", sum);
    }
    printf("],\"lost\":%lld,\"longest\":%f,\"elapsed\":%f,\"cpu\":%f,\"sleeps\":%ld}\n", operations - shared, longest,
           elapsed, cpu_ms(&after) - cpu_ms(&before), after.ru_nvcsw - before.ru_nvcsw);
    fflush(stdout);
  }
}

int main(int argc, char **argv) {
  printf("ready\n");
  fflush(stdout);
  if (argc > 1 && strcmp(argv[1], "pair") == 0) pair();
  else contended(atoi(argv[2]));
  return 0;
}
