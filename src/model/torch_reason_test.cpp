#include "model/torch_reason.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

// What torch 1.13 says.

TEST(TorchReason, StandsBeforeTheSource) {
  EXPECT_EQ(torch_reason("RuntimeError: \n"
                         "Python builtin <built-in function eval> is currently not supported in Torchscript:\n"
                         "  File \"/home/me/net.py\", line 2\n"
                         "def bad(x): return eval('x')\n"
                         "                   ~~~~ <--- HERE\n"),
            "RuntimeError: Python builtin <built-in function eval> is currently not supported in Torchscript "
            "(/home/me/net.py:2)");
  EXPECT_EQ(torch_reason("NotSupportedError: Compiled functions can't take variable number of arguments or use "
                         "keyword-only arguments with defaults:\n"
                         "  File \"net.py\", line 3\n"
                         "def varargs(*xs): return xs[0]\n"
                         "            ~~~ <--- HERE\n"),
            "NotSupportedError: Compiled functions can't take variable number of arguments or use keyword-only "
            "arguments with defaults (net.py:3)");
  EXPECT_EQ(torch_reason("RuntimeError: \nModule 'Not' has no attribute 'nothere' :\n"
                         "  File \"net.py\", line 8\n"
                         "    def forward(self, x):\n"
                         "        return self.nothere(x)\n"
                         "               ~~~~~~~~~~~~ <--- HERE\n"),
            "RuntimeError: Module 'Not' has no attribute 'nothere' (net.py:8)");
}

TEST(TorchReason, IsOfTheInnermostCall) {
  EXPECT_EQ(torch_reason("RuntimeError: \n'Tensor (inferred)' object has no attribute or method 'bar'.:\n"
                         "  File \"net.py\", line 19\n"
                         "    def helper(self, x):\n"
                         "        return x.bar()\n"
                         "               ~~~~~ <--- HERE\n"
                         "'Inner.helper' is being compiled since it was called from 'Inner.forward'\n"
                         "  File \"net.py\", line 21\n"
                         "        return self.helper(x)\n"
                         "               ~~~~~~~~~~~~~ <--- HERE\n"),
            "RuntimeError: 'Tensor (inferred)' object has no attribute or method 'bar' (net.py:19)");
}

TEST(TorchReason, IsNotEveryVariantOfACall) {
  std::string variants;
  for (int k = 0; k < 40; ++k)
    variants += "  aten::ü(Tensor self, int dim) -> Tensor:\n  Expected a value of type 'int'.\n";
  const std::string reason = torch_reason("RuntimeError: \nArguments for call are not valid.\n" + variants +
                                          "The original call is:\n  File \"net.py\", line 5\n    return x.sum('a')\n");
  EXPECT_EQ(reason.find("RuntimeError: Arguments for call are not valid. aten::ü(Tensor"), 0U);
  EXPECT_LT(reason.size(), 450U);
  EXPECT_NE(reason.find(" … (net.py:5)"), std::string::npos) << reason;
}

TEST(TorchReason, IsTheLastLineWhereNoSourceIsShown) {
  EXPECT_EQ(torch_reason("AttributeError: module 'net' has no attribute 'f'\n"),
            "AttributeError: module 'net' has no attribute 'f'");
  EXPECT_EQ(torch_reason("Traceback (most recent call last):\n  File \"<string>\", line 5, in <module>\n"
                         "ModuleNotFoundError: No module named 'torch'\n"),
            "ModuleNotFoundError: No module named 'torch'");
  EXPECT_EQ(torch_reason(""), "");
}

}  // namespace
}  // namespace kiln
