#pragma once

/// The inline namespace of code that is compiled into a user's file, named after the instructions that the
/// flags of the file allow:
///
///     namespace costate::detail::inline COSTATE_INSTRUCTIONS { … }
///
/// Two files of one program may be built with different flags. Of an inline function that both contain under
/// one name the linker keeps one, whose instructions the processor may lack, or which is slow in the file
/// that asked for more. So function templates, and types that no user's signature names, stand in this
/// namespace; types that files hand to each other stand outside, with layouts that no flag changes. A user's
/// own functions in a header that both files include can be told apart in the same way.
#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define COSTATE_INSTRUCTIONS for_avx512
#elif defined(__AVX512F__)
#define COSTATE_INSTRUCTIONS for_avx512f
#elif defined(__AVX2__) && defined(__FMA__)
#define COSTATE_INSTRUCTIONS for_avx2
#elif defined(__AVX__)
#define COSTATE_INSTRUCTIONS for_avx
#elif defined(__SSE4_2__)
#define COSTATE_INSTRUCTIONS for_sse4
#elif defined(__ARM_FEATURE_SVE)
#define COSTATE_INSTRUCTIONS for_sve
#else
#define COSTATE_INSTRUCTIONS for_baseline
#endif
