package org.crossprocesslock.test.shop;

import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * What is tested.
 */
@SpringBootApplication
class ShopApplication {

}
