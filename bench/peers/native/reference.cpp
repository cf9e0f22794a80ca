// The reference network trained by hand-fused C++: only a program to measure Convlet against.
//
//   x[28, 28] ─ conv 12 3×3 ─ ReLU ─ max-pool 2 ─► y[169, 12] ─ dense 10 ─► softmax cross-entropy ─ SGD
//
// The batch is processed in groups of 16 images whose activations stay in the L2 cache, forward and backward:
//
//   forward    a 2×2 window of outputs at a time, for as many filters as a vector has lanes, the nine taps in registers.
//              The 26×26 map is never stored, only the pooled value and where in the image its winner's patch begins.
//   backward   visits only the winners: one patch of 3×3 pixels for each pooled value. The mask of the ReLU (pooled
//              value > 0) is applied with vectors when the gradient is computed.
//   dense      2 images × 5 outputs of dot products; 4 images × 2 vectors; 2 vectors × 5 outputs over the images.
//
// Options: LANES is 4, 8 or 16; the vectors are GCC's, so the flags choose the instructions. SKIP_BLANK is 0 or 1: a window
// whose whole 4×4 patch is 0 (56 % of the windows on MNIST) gives max(0, bias) and adds nothing to dw; with 1 the
// convolution skips these windows, as Convlet does.
// Pooled values are channels last, filters are padded to whole vectors, and dense weights are permuted to match.
//
// usage: reference FOLDER BATCH LEARNING_RATE. Speaks the line protocol of ../protocol.js.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#ifndef LANES
#define LANES 4
#endif
#ifndef SKIP_BLANK
#define SKIP_BLANK 0
#endif

typedef float Vector __attribute__((vector_size(LANES * 4), aligned(LANES * 4), may_alias));
typedef int32_t Mask __attribute__((vector_size(LANES * 4), aligned(LANES * 4)));
typedef float Row __attribute__((vector_size(16), aligned(4), may_alias));  // four neighbouring pixels, three of them used
typedef int16_t Offsets __attribute__((vector_size(LANES * 2)));

constexpr int SIDE = 28, PIXELS = SIDE * SIDE, FILTERS = 12, TAPS = 9, POOLED = 13, CLASSES = 10;
constexpr int POSITIONS = POOLED * POOLED;
constexpr int CHANNELS = (FILTERS + LANES - 1) / LANES * LANES;  // padded
constexpr int FEATURES = POSITIONS * CHANNELS;                   // of one image, padding included
constexpr int VECTORS = FEATURES / LANES;
constexpr int GROUP = 16;  // images whose activations stay in the cache

constexpr int OUTPUTS_AT_ONCE = 5;
static_assert(CLASSES % OUTPUTS_AT_ONCE == 0, "outputs are worked off in whole tiles");

static inline Vector splat(float value) { return value - Vector{}; }

static inline float horizontalSum(Vector v) {
  float lanes[LANES];
  std::memcpy(lanes, &v, sizeof v);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
  return lanes[0];
}

template <typename T>
static T* allocate(size_t count) {
  const size_t bytes = (count * sizeof(T) + 63) / 64 * 64;
  void* memory = std::aligned_alloc(64, bytes);
  if (!memory) std::abort();
  std::memset(memory, 0, bytes);
  return static_cast<T*>(memory);
}

// Without a broadcasting load (SSE), a pixel is stored once for every lane: one store instead of many shuffles.
#ifdef __AVX__
typedef float Spread;
static inline Vector spread(const Spread& value) { return splat(value); }
static inline Spread toSpread(float value) { return value; }
#else
typedef Vector Spread;
static inline Vector spread(const Spread& value) { return value; }
static inline Spread toSpread(float value) { return splat(value); }
#endif

struct Network {
  // parameters, and the sums of their gradients over a batch
  Vector* convWeight = allocate<Vector>(TAPS * CHANNELS / LANES);  // [tap][filter]
  Vector* convBias = allocate<Vector>(CHANNELS / LANES);
  Vector* denseWeight = allocate<Vector>(CLASSES * VECTORS);  // [output][position][filter]
  float denseBias[CLASSES] = {};
  Row* convGradient = allocate<Row>(FILTERS * 3);  // [filter][row of taps]
  Vector* convBiasGradient = allocate<Vector>(CHANNELS / LANES);
  Vector* denseGradient = allocate<Vector>(CLASSES * VECTORS);
  float denseBiasGradient[CLASSES] = {};
  // activations of one group
  float* image = allocate<float>(GROUP * PIXELS + LANES);
  Spread* spreadImage = allocate<Spread>(PIXELS);  // of one image
  Vector* pooled = allocate<Vector>(GROUP * VECTORS);
  Vector* pooledGradient = allocate<Vector>(GROUP * VECTORS);
  int16_t* winner = allocate<int16_t>(GROUP * FEATURES);  // first pixel of the winner's patch
  int16_t window[GROUP][POSITIONS];  // the windows that the convolution visits, in order
  int windowCount[GROUP];
  float logits[GROUP][CLASSES];
  Spread* outputGradient = allocate<Spread>(GROUP * CLASSES);
};

static void gather(const uint8_t* source, float* image) {
  constexpr float scale = 1.0f / 255.0f;
  for (int i = 0; i < PIXELS; i++) image[i] = static_cast<float>(source[i]) * scale;
}

/** Lists the windows with ink in their 4×4 pixels. */
static int listWindows(const uint8_t* source, int16_t* list) {
  int count = 0;
  for (int i = 0; i < POOLED; i++) {
    const uint8_t* row = source + 2 * i * SIDE;
    uint8_t column[SIDE];
    for (int q = 0; q < SIDE; q++) column[q] = row[q] | row[q + SIDE] | row[q + 2 * SIDE] | row[q + 3 * SIDE];
    for (int j = 0; j < POOLED; j++) {
      uint32_t ink;
      std::memcpy(&ink, column + 2 * j, sizeof ink);
      list[count] = static_cast<int16_t>(i * POOLED + j);
      count += ink != 0;
    }
  }
  return count;
}

/** The first pixel of each window. */
struct Starts {
  int16_t of[POSITIONS];
  constexpr Starts() : of() {
    for (int i = 0; i < POSITIONS; i++) of[i] = static_cast<int16_t>(i / POOLED * 2 * SIDE + i % POOLED * 2);
  }
};
static constexpr Starts starts;

// if all windows are visited, the compiler knows how many and which
static inline int countOf(const Network& net, int index) { return SKIP_BLANK ? net.windowCount[index] : POSITIONS; }
static inline int windowAt(const Network& net, int index, int i) { return SKIP_BLANK ? net.window[index][i] : i; }

/** v becomes the larger, offset that of the winner; the first stays on a tie. */
static inline void challenge(Vector& v, Mask& offset, Vector other, int otherOffset) {
  const Mask wins = other > v;
  v = wins ? other : v;
  offset = wins ? Mask{} + otherOffset : offset;
}

/** Nine multiply-adds: the output whose patch begins at `pixel`. */
static inline Vector tapSum(const Spread* pixel, const Vector* w, Vector bias) {
  Vector sum = bias;
#pragma GCC unroll 3
  for (int p = 0; p < 3; p++)
#pragma GCC unroll 3
    for (int q = 0; q < 3; q++) sum += spread(pixel[p * SIDE + q]) * w[p * 3 + q];
  return sum;
}

static void convReluPoolForward(const Network& net, int index) {
  const float* image = net.image + index * PIXELS;
#ifdef __AVX__
  const Spread* pixels = image;
#else
  for (int i = 0; i < PIXELS; i++) net.spreadImage[i] = toSpread(image[i]);
  const Spread* pixels = net.spreadImage;
#endif
  for (int c = 0; c < CHANNELS / LANES; c++) {
    Vector w[TAPS];
    for (int tap = 0; tap < TAPS; tap++) w[tap] = net.convWeight[tap * (CHANNELS / LANES) + c];
    const Vector bias = net.convBias[c];
    Vector* y = net.pooled + index * VECTORS + c;
    int16_t* winner = net.winner + index * FEATURES + c * LANES;
    const int count = countOf(net, index);
    if (count < POSITIONS) {
      const Vector blank = bias > 0 ? bias : Vector{};
      for (int position = 0; position < POSITIONS; position++) y[position * (CHANNELS / LANES)] = blank;
    }
    for (int i = 0; i < count; i++) {
      const int position = windowAt(net, index, i), start = starts.of[position];
      Vector best = tapSum(pixels + start, w, bias);
      Mask offset = Mask{};
      challenge(best, offset, tapSum(pixels + start + 1, w, bias), 1);
      challenge(best, offset, tapSum(pixels + start + SIDE, w, bias), SIDE);
      challenge(best, offset, tapSum(pixels + start + SIDE + 1, w, bias), SIDE + 1);
      y[position * (CHANNELS / LANES)] = best > 0 ? best : Vector{};
      const Offsets narrow = __builtin_convertvector(offset + start, Offsets);
      std::memcpy(winner + position * CHANNELS, &narrow, sizeof narrow);
    }
  }
}

/** dw and db of the convolution, from the gradient of the pooled values; four filters at a time. */
static void convBackward(Network& net, int index) {
  const float* image = net.image + index * PIXELS;
  const float* gradient = reinterpret_cast<const float*>(net.pooledGradient + index * VECTORS);
  const int16_t* winner = net.winner + index * FEATURES;
  for (int filter = 0; filter < FILTERS; filter += 4) {
    Row sum[4][3];
    for (int f = 0; f < 4; f++)
      for (int p = 0; p < 3; p++) sum[f][p] = net.convGradient[(filter + f) * 3 + p];
    for (int i = 0; i < countOf(net, index); i++) {
      const int position = windowAt(net, index, i);
      const Row dy = *reinterpret_cast<const Row*>(gradient + position * CHANNELS + filter);
#pragma GCC unroll 4
      for (int f = 0; f < 4; f++) {
        const float* patch = image + winner[position * CHANNELS + filter + f];
        const Row g = dy[f] - Row{};
#pragma GCC unroll 3
        for (int p = 0; p < 3; p++) sum[f][p] += g * *reinterpret_cast<const Row*>(patch + p * SIDE);
      }
    }
    for (int f = 0; f < 4; f++)
      for (int p = 0; p < 3; p++) net.convGradient[(filter + f) * 3 + p] = sum[f][p];
  }
  for (int c = 0; c < CHANNELS / LANES; c++) {
    Vector sum = net.convBiasGradient[c];
    for (int i = 0; i < POSITIONS; i++) sum += net.pooledGradient[index * VECTORS + i * (CHANNELS / LANES) + c];
    net.convBiasGradient[c] = sum;
  }
}

/** The logits of IMAGES images from `first` on. */
template <int IMAGES>
static void denseForward(Network& net, int first) {
  for (int o = 0; o < CLASSES; o += OUTPUTS_AT_ONCE) {
    Vector sum[IMAGES][OUTPUTS_AT_ONCE] = {};
    const Vector* x = net.pooled + first * VECTORS;
    const Vector* w = net.denseWeight + o * VECTORS;
    for (int k = 0; k < VECTORS; k++) {
#pragma GCC unroll 5
      for (int j = 0; j < OUTPUTS_AT_ONCE; j++) {
        const Vector weight = w[j * VECTORS + k];
#pragma GCC unroll 2
        for (int n = 0; n < IMAGES; n++) sum[n][j] += x[n * VECTORS + k] * weight;
      }
    }
    for (int n = 0; n < IMAGES; n++)
      for (int j = 0; j < OUTPUTS_AT_ONCE; j++)
        net.logits[first + n][o + j] = horizontalSum(sum[n][j]) + net.denseBias[o + j];
  }
}

/** The gradient of the pooled values of IMAGES images, masked by the ReLU. */
template <int IMAGES>
static void denseBackwardInput(Network& net, int first) {
  const Spread* dy = net.outputGradient + first * CLASSES;
  const Vector* y = net.pooled + first * VECTORS;
  Vector* dx = net.pooledGradient + first * VECTORS;
  const auto tile = [&](int k, auto width) {
    constexpr int WIDTH = decltype(width)::value;
    Vector sum[IMAGES][WIDTH] = {};
#pragma GCC unroll 10
    for (int o = 0; o < CLASSES; o++) {
#pragma GCC unroll 2
      for (int v = 0; v < WIDTH; v++) {
        const Vector weight = net.denseWeight[o * VECTORS + k + v];
#pragma GCC unroll 4
        for (int n = 0; n < IMAGES; n++) sum[n][v] += spread(dy[n * CLASSES + o]) * weight;
      }
    }
    for (int n = 0; n < IMAGES; n++)
      for (int v = 0; v < WIDTH; v++) {
        const int at = n * VECTORS + k + v;
        dx[at] = y[at] > 0 ? sum[n][v] : Vector{};
      }
  };
  int k = 0;
  for (; k + 2 <= VECTORS; k += 2) tile(k, std::integral_constant<int, 2>{});
  for (; k < VECTORS; k++) tile(k, std::integral_constant<int, 1>{});
}

/** dw of the dense layer, over the `count` images of a group. */
static void denseBackwardWeight(Network& net, int count) {
  const auto tile = [&](int k, int o, auto width) {
    constexpr int WIDTH = decltype(width)::value;
    Vector sum[OUTPUTS_AT_ONCE][WIDTH];
    for (int j = 0; j < OUTPUTS_AT_ONCE; j++)
      for (int v = 0; v < WIDTH; v++) sum[j][v] = net.denseGradient[(o + j) * VECTORS + k + v];
    const Vector* x = net.pooled + k;
    const Spread* dy = net.outputGradient + o;
    for (int n = 0; n < count; n++, x += VECTORS, dy += CLASSES) {
#pragma GCC unroll 5
      for (int j = 0; j < OUTPUTS_AT_ONCE; j++) {
        const Vector g = spread(dy[j]);
#pragma GCC unroll 2
        for (int v = 0; v < WIDTH; v++) sum[j][v] += x[v] * g;
      }
    }
    for (int j = 0; j < OUTPUTS_AT_ONCE; j++)
      for (int v = 0; v < WIDTH; v++) net.denseGradient[(o + j) * VECTORS + k + v] = sum[j][v];
  };
  for (int k = 0; k < VECTORS; k += 2)
    for (int o = 0; o < CLASSES; o += OUTPUTS_AT_ONCE) {
      if (k + 2 <= VECTORS)
        tile(k, o, std::integral_constant<int, 2>{});
      else
        tile(k, o, std::integral_constant<int, 1>{});
    }
}

struct Totals {
  double loss = 0, accuracy = 0;
  int correct = 0;
};

/** Loss, accuracy and the gradient of the logits of one group; the mean is over the whole batch. */
static void softmaxCrossEntropy(Network& net, const uint8_t* label, int count, int batch, Totals& totals) {
  for (int n = 0; n < count; n++) {
    const float* x = net.logits[n];
    const int predicted = static_cast<int>(std::max_element(x, x + CLASSES) - x);
    const float most = x[predicted];
    float p[CLASSES], total = 0;
    for (int i = 0; i < CLASSES; i++) total += p[i] = std::exp(x[i] - most);
    totals.loss += std::log(total) + most - x[label[n]];
    totals.correct += predicted == label[n];
    for (int i = 0; i < CLASSES; i++) {
      const float g = (p[i] / total - (i == label[n] ? 1.0f : 0.0f)) / static_cast<float>(batch);
      net.outputGradient[n * CLASSES + i] = toSpread(g);
      net.denseBiasGradient[i] += g;
    }
  }
}

static void runGroup(Network& net, const uint8_t* label, int count, int batch, Totals& totals) {
  for (int n = 0; n < count; n++) convReluPoolForward(net, n);
  int n = 0;
  for (; n + 2 <= count; n += 2) denseForward<2>(net, n);
  for (; n < count; n++) denseForward<1>(net, n);
  softmaxCrossEntropy(net, label, count, batch, totals);
  denseBackwardWeight(net, count);
  for (n = 0; n + 4 <= count; n += 4) denseBackwardInput<4>(net, n);
  for (; n < count; n++) denseBackwardInput<1>(net, n);
  for (n = 0; n < count; n++) convBackward(net, n);
}

/** w -= rate · dw, dw = 0 */
static void update(Network& net, float rate) {
  float* convWeight = reinterpret_cast<float*>(net.convWeight);
  float* convBias = reinterpret_cast<float*>(net.convBias);
  float* convBiasGradient = reinterpret_cast<float*>(net.convBiasGradient);
  for (int f = 0; f < FILTERS; f++) {
    for (int p = 0; p < 3; p++) {
      for (int q = 0; q < 3; q++) convWeight[(p * 3 + q) * CHANNELS + f] -= rate * net.convGradient[f * 3 + p][q];
      net.convGradient[f * 3 + p] = Row{};
    }
    convBias[f] -= rate * convBiasGradient[f];
    convBiasGradient[f] = 0;
  }
  for (int i = 0; i < CLASSES * VECTORS; i++) {
    net.denseWeight[i] -= rate * net.denseGradient[i];
    net.denseGradient[i] = Vector{};
  }
  for (int o = 0; o < CLASSES; o++) {
    net.denseBias[o] -= rate * net.denseBiasGradient[o];
    net.denseBiasGradient[o] = 0;
  }
}

static std::vector<char> readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
    std::exit(1);
  }
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/** Takes the weights over from their public layout: w[12, 1, 3, 3], b[12], w[10, 12·13·13], b[10]. */
static void setWeights(Network& net, const float* w) {
  float* convWeight = reinterpret_cast<float*>(net.convWeight);
  float* denseWeight = reinterpret_cast<float*>(net.denseWeight);
  for (int f = 0; f < FILTERS; f++)
    for (int tap = 0; tap < TAPS; tap++) convWeight[tap * CHANNELS + f] = *w++;
  for (int f = 0; f < FILTERS; f++) reinterpret_cast<float*>(net.convBias)[f] = *w++;
  for (int o = 0; o < CLASSES; o++)
    for (int f = 0; f < FILTERS; f++)
      for (int i = 0; i < POSITIONS; i++) denseWeight[o * FEATURES + i * CHANNELS + f] = *w++;
  for (int o = 0; o < CLASSES; o++) net.denseBias[o] = *w++;
}

struct Work {
  std::vector<char> images, labels, weights;
  int batch;
  float rate;
  int count() const { return static_cast<int>(labels.size()); }
};

static Totals trainStep(Network& net, const Work& work, const int* order, int count) {
  Totals totals;
  for (int start = 0; start < count; start += GROUP) {
    const int group = std::min(GROUP, count - start);
    uint8_t label[GROUP];
    for (int n = 0; n < group; n++) {
      const int from = order[start + n];
      const uint8_t* source = reinterpret_cast<const uint8_t*>(work.images.data()) + from * PIXELS;
      gather(source, net.image + n * PIXELS);
      if (SKIP_BLANK) net.windowCount[n] = listWindows(source, net.window[n]);
      label[n] = static_cast<uint8_t>(work.labels[from]);
    }
    runGroup(net, label, group, count, totals);
  }
  update(net, work.rate);
  return totals;
}

/** Fisher–Yates over xorshift32. */
static void shuffle(std::vector<int>& order, uint32_t& state) {
  for (size_t i = order.size() - 1; i > 0; i--) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    std::swap(order[i], order[(static_cast<uint64_t>(state) * (i + 1)) >> 32]);
  }
}

static void verify(Network& net, const Work& work, int steps) {
  setWeights(net, reinterpret_cast<const float*>(work.weights.data()));
  std::vector<int> order(work.count());
  for (int i = 0; i < work.count(); i++) order[i] = i;
  std::printf("{\"losses\":[");
  for (int step = 0; step < steps; step++) {
    const Totals totals = trainStep(net, work, order.data() + step * work.batch, work.batch);
    std::printf("%s%.9g", step == 0 ? "" : ",", totals.loss / work.batch);
  }
  std::printf("]}\n");
}

/** One epoch of so many steps; returns its milliseconds. */
static double trainEpoch(Network& net, const Work& work, int steps, std::vector<int>& order, uint32_t& state, Totals& totals) {
  const auto begin = std::chrono::steady_clock::now();
  shuffle(order, state);
  int images = 0;
  totals = {};
  for (int step = 0; step < steps; step++) {
    const int start = step * work.batch, count = std::min(work.batch, work.count() - start);
    const Totals some = trainStep(net, work, order.data() + start, count);
    totals.loss += some.loss;
    totals.correct += some.correct;
    images += count;
  }
  totals.loss /= images;
  totals.accuracy = static_cast<double>(totals.correct) / images;
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: reference FOLDER BATCH LEARNING_RATE\n");
    return 2;
  }
  const std::string folder = argv[1];
  const Work work{readFile(folder + "/images.u8"), readFile(folder + "/labels.u8"), readFile(folder + "/weights.f32"),
                  std::atoi(argv[2]), static_cast<float>(std::atof(argv[3]))};
  Network net;
  setWeights(net, reinterpret_cast<const float*>(work.weights.data()));
  std::vector<int> order(work.count());
  for (int i = 0; i < work.count(); i++) order[i] = i;
  uint32_t state = 1;
  std::printf("{\"version\":\"GCC %s\"}\n", __VERSION__);
  std::fflush(stdout);
  char command[16];
  int steps, times;
  while (std::scanf("%15s %d %d", command, &steps, &times) == 3) {
    if (std::strcmp(command, "verify") == 0) {
      verify(net, work, steps);
    } else {
      Totals totals;
      std::printf("{\"ms\":[");
      for (int i = 0; i < times; i++)
        std::printf("%s%.4f", i == 0 ? "" : ",", trainEpoch(net, work, steps, order, state, totals));
      std::printf("],\"loss\":%.9g,\"accuracy\":%.9g}\n", totals.loss, totals.accuracy);
    }
    std::fflush(stdout);
  }
  return 0;
}
