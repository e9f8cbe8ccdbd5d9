// Convolutions of float32 arrays with the channels last, as calls of XLA.
//
// Nothing is copied into columns: a table says, for each tile of output pixels and each tap, where
// the inputs lie, and the microkernels gather through it (gather.h). The work is divided over
// images where there is enough of it, else over output channels (large kernels on small grids).
// Kernels of 3x3 taps take fewer multiplications (winograd.h).
#include "apply.h"
#include "backward.h"

namespace maeum {
namespace {

namespace ffi = xla::ffi;
using Input = ffi::Buffer<ffi::F32>;
using Output = ffi::Result<Input>;
using Numbers = ffi::Span<const int64_t>;

Three Spatial(Numbers numbers, long missing) {  // one axis stands in the middle, two at the end
  if (numbers.size() == 1) return {missing, numbers[0], missing};
  if (numbers.size() == 2) return {missing, numbers[0], numbers[1]};
  return {numbers[0], numbers[1], numbers[2]};
}

Geometry MakeGeometry(Numbers in, Numbers kernel, Numbers out, Numbers strides, Numbers pads,
                      Numbers dilation, int64_t groups) {
  const size_t rank = strides.size();
  auto sizes = [&](Numbers shape, size_t first) {
    return Spatial(Numbers(shape.begin() + first, rank), 1);
  };
  Geometry g;
  g.n = in[0];
  g.in = sizes(in, 1);
  g.taps = sizes(kernel, 0);
  g.out = sizes(out, 1);
  g.strides = Spatial(strides, 1);
  g.pads = Spatial(pads, 0);
  g.dilation = Spatial(dilation, 1);
  g.in_channels = in[rank + 1];
  g.out_channels = out[rank + 1];
  g.out_stride = g.out_channels;
  g.groups = groups;
  return g;
}

const float* Optional(const Input& array) {
  return array.element_count() ? array.typed_data() : nullptr;
}
float* Optional(Output& array) { return array->element_count() ? array->typed_data() : nullptr; }

ffi::Error Forward(ffi::ThreadPool pool, Input x, Input kernel, Input bias, Output y,
                   Numbers strides, Numbers pads, Numbers dilation, int64_t groups, bool relu) {
  const Geometry g = MakeGeometry(x.dimensions(), kernel.dimensions(), y->dimensions(), strides,
                                  pads, dilation, groups);
  Apply(pool, g, Way::kForward, x.typed_data(), kernel.typed_data(), Optional(bias), relu,
        y->typed_data());
  return ffi::Error::Success();
}

ffi::Error Transposed(ffi::ThreadPool pool, Input y, Input kernel, Input bias, Output x,
                      Numbers strides, Numbers pads, Numbers dilation, int64_t groups, bool relu) {
  const Geometry g = MakeGeometry(x->dimensions(), kernel.dimensions(), y.dimensions(), strides,
                                  pads, dilation, groups);
  Apply(pool, g, Way::kBackward, y.typed_data(), kernel.typed_data(), Optional(bias), relu,
        x->typed_data());
  return ffi::Error::Success();
}

// y is empty unless a ReLU was behind it; dx and db are empty where they are not wanted.
ffi::Error Gradient(ffi::ThreadPool pool, Input x, Input kernel, Input y, Input dy, Output dx,
                    Output dkernel, Output db, Numbers strides, Numbers pads, Numbers dilation,
                    int64_t groups) {
  const Geometry g = MakeGeometry(x.dimensions(), kernel.dimensions(), dy.dimensions(), strides,
                                  pads, dilation, groups);
  Backward(pool, g, x.typed_data(), kernel.typed_data(), Optional(y), dy.typed_data(),
           {Optional(dx), dkernel->typed_data(), Optional(db)});
  return ffi::Error::Success();
}

}  // namespace
}  // namespace maeum

#define WINDOW                                                     \
  Attr<xla::ffi::Span<const int64_t>>("strides")                   \
      .Attr<xla::ffi::Span<const int64_t>>("pads")                 \
      .Attr<xla::ffi::Span<const int64_t>>("dilation")             \
      .Attr<int64_t>("groups")

XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumConvolution, maeum::Forward,
                              xla::ffi::Ffi::Bind()
                                  .Ctx<xla::ffi::ThreadPool>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Ret<xla::ffi::Buffer<xla::ffi::F32>>()
                                  .WINDOW.Attr<bool>("relu"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumConvolutionTransposed, maeum::Transposed,
                              xla::ffi::Ffi::Bind()
                                  .Ctx<xla::ffi::ThreadPool>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Ret<xla::ffi::Buffer<xla::ffi::F32>>()
                                  .WINDOW.Attr<bool>("relu"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(MaeumConvolutionGradient, maeum::Gradient,
                              xla::ffi::Ffi::Bind()
                                  .Ctx<xla::ffi::ThreadPool>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Arg<maeum::Input>()
                                  .Ret<xla::ffi::Buffer<xla::ffi::F32>>()
                                  .Ret<xla::ffi::Buffer<xla::ffi::F32>>()
                                  .Ret<xla::ffi::Buffer<xla::ffi::F32>>()
                                  .WINDOW);
