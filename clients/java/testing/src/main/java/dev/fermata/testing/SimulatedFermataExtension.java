package dev.fermata.testing;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test that asks for one a {@link SimulatedFermata} of its own, and ends it after the test. Needs JUnit 5.13 or newer.
 *
 * <pre>{@code
 * @ExtendWith(SimulatedFermataExtension.class)
 * class VnfmTest {
 *   @Test
 *   void accepts(SimulatedFermata server) throws Exception { … }
 * }
 * }</pre>
 */
public final class SimulatedFermataExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SimulatedFermataExtension.class);

  /** Made by JUnit. */
  public SimulatedFermataExtension() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    return parameter.getParameter().getType() == SimulatedFermata.class;
  }

  @Override
  public SimulatedFermata resolveParameter(ParameterContext parameter, ExtensionContext test) {
    // JUnit closes what is in the store when the test, or for a constructor the class, has ended.
    return test.getStore(NAMESPACE)
        .getOrComputeIfAbsent(SimulatedFermata.class, unused -> SimulatedFermata.start(), SimulatedFermata.class);
  }
}
