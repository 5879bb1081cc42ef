#include "base/units.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/elements.h"
#include "kiln/error.h"

namespace kiln {
namespace {

bool close(double got, double want) { return std::abs(got - want) <= 1e-10 * std::abs(want); }

// CODATA 2018 values as printed by NIST; thermochemical calorie 4.184 J.
TEST(Units, FactorsAreThoseOfCodata2018) {
  EXPECT_EQ(energy_unit("eV"), 1.0);
  EXPECT_EQ(energy_unit("meV"), 1e-3);
  EXPECT_TRUE(close(energy_unit("hartree"), 27.211386245988));
  EXPECT_TRUE(close(energy_unit("Ry"), 13.605693122994));
  EXPECT_TRUE(close(energy_unit("kcal/mol"), 0.043364104241800934));
  EXPECT_TRUE(close(energy_unit("kJ/mol"), 0.010364269656262175));
  EXPECT_TRUE(close(length_unit("bohr"), 0.529177210903));
  EXPECT_TRUE(close(stress_unit("GPa"), 0.006241509074460763));
  EXPECT_TRUE(close(stress_unit("kbar"), 0.0006241509074460763));
}

TEST(Units, ProductsAreReadFromTheirParts) {
  EXPECT_EQ(force_unit("eV/A"), 1.0);
  EXPECT_EQ(force_unit("eV/Å"), 1.0);
  EXPECT_TRUE(close(force_unit("kcal/mol/A"), 0.043364104241800934));
  EXPECT_TRUE(close(force_unit("hartree/bohr"), 27.211386245988 / 0.529177210903));
  EXPECT_EQ(stress_unit("eV/A^3"), 1.0);
  EXPECT_TRUE(close(stress_unit("eV/nm^3"), 1e-3));
  EXPECT_EQ(stress_unit("eV/angstrom^3"), 1.0);
}

TEST(Units, UnknownOnesAreRefusedWithTheList) {
  for (const char* unit : {"", "ev", "eV/", "/A", "eV/eV", "A/eV", "kcal"}) {
    EXPECT_THROW(force_unit(unit), Error) << unit;
    EXPECT_THROW(stress_unit(unit), Error) << unit;
  }
  try {
    energy_unit("Joule");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    EXPECT_NE(std::string(error.what()).find("kcal/mol"), std::string::npos);
  }
  EXPECT_THROW(length_unit("eV"), Error);
}

TEST(Elements, SymbolsAndNumbersInvertEachOther) {
  for (int z = 1; z <= 118; ++z) EXPECT_EQ(atomic_number_of(element_symbol(z)), z);
  EXPECT_EQ(element_symbol(1), "H");
  EXPECT_EQ(element_symbol(14), "Si");
  EXPECT_EQ(element_symbol(79), "Au");
  EXPECT_EQ(element_symbol(118), "Og");
  for (const char* symbol : {"", "si", "SI", "Xx", "D", "Si "}) EXPECT_EQ(atomic_number_of(symbol), 0) << symbol;
  EXPECT_THROW(element_symbol(0), Error);
  EXPECT_THROW(element_symbol(119), Error);
}

}  // namespace
}  // namespace kiln
